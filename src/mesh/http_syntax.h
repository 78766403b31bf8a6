/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Small grammars that routes are written in
 *
 * Header fields as Rust's http crate takes them (RFC 9110, 5.1 and 5.5), and
 * the durations of Linkerd's annotations and of Go.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"

/* A token of at least one byte. */
bool gh_header_name_ok(struct gh_slice s);

/* No control characters but tab; any byte above. */
bool gh_header_value_ok(struct gh_slice s);

/*
 * Of retry and timeout annotations: one integer and one unit of ms, s, m, h
 * and d; zero needs no unit; white space around it is allowed.
 */
bool gh_annotation_duration_ok(struct gh_slice s);
GH_MUST_CHECK bool gh_annotation_duration(struct gh_slice s, uint64_t *ret_ms);

/* Of retry.linkerd.io/: limit (a small number), http (codes, ranges, 5xx,
 * gateway-error) and grpc (names of status codes). */
bool gh_annotation_limit_ok(struct gh_slice s);
bool gh_annotation_http_ok(struct gh_slice list);
bool gh_annotation_grpc_ok(struct gh_slice list);

/*
 * Go's time.ParseDuration: a sign, then numbers with fractions, each with one
 * of ns, us, µs, ms, s, m and h; or "0". @ret: nanoseconds, as double.
 */
GH_MUST_CHECK bool gh_go_duration(struct gh_slice s, double *ret);
