/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Text in XML 1.0, whatever it is
 *
 * Fit for elements and attributes alike. Characters that XML does not know, and
 * bytes that are no UTF-8, become question marks: a report that a CI server
 * refuses helps nobody.
 */

#include "base/buf.h"

void gh_xml_text(struct gh_buf *out, struct gh_slice s);
