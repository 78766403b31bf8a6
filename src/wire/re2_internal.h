/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the two files of the RE2 reader share; nobody else includes this
 */

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/rc.h"
#include "base/slice.h"

/*
 * Writes @pattern for PCRE2 into @out.
 * Return: GH_OK; GH_EPROTO with @err when RE2 would refuse it; GH_ETOOBIG.
 */
GH_MUST_CHECK enum gh_rc gh_re2_translate(struct gh_slice pattern,
                                          struct gh_buf *out,
                                          struct gh_err *err);
