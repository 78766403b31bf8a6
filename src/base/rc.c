/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rc.h"

const char *gh_rc_text(enum gh_rc rc)
{
    switch (rc) {
    case GH_OK:
        return "success";
    case GH_MORE:
        return "not finished";
    case GH_END:
        return "nothing left";
#define X(name, value, text)                                                   \
    case name:                                                                 \
        return text;
        GH_RC_ERRORS(X)
#undef X
    }
    return "unknown return code";
}
