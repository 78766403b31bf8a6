/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which kinds live outside namespaces
 *
 * Only an API server knows for sure; manifests in files do not say. kubectl
 * puts a namespaced object that names no namespace into "default", so the
 * store must tell the two apart. The table holds Kubernetes' own kinds and
 * those of the standards that we read; any other kind is taken as namespaced.
 */

#include <stdbool.h>

#include "base/slice.h"

bool gh_kind_is_cluster_scoped(struct gh_slice group, struct gh_slice kind);
