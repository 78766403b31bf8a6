/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "wire/json_items.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Any bytes as a stream of items. However it is cut into blocks, the items,
 * their places and the error at the end are the same. The first byte says how
 * it is cut, and how large an item may be.
 */

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void feed(struct gh_json_items *r, struct gh_slice *rest, size_t most)
{
    char *to;
    size_t room;
    size_t n = rest->len < most ? rest->len : most;

    require(gh_json_items_room(r, &to, &room) == GH_OK && room > 0);
    n = n < room ? n : room;
    if (n > 0)
        memcpy(to, rest->ptr, n);
    gh_json_items_filled(r, n);
    *rest = gh_slice_drop(*rest, n);
}

static void describe(const struct gh_json_item *item, struct gh_slice text,
                     struct gh_buf *out)
{
    struct gh_slice raw = gh_json_raw(item->value);

    require(item->offset + raw.len <= text.len &&
            memcmp(text.ptr + item->offset, raw.ptr, raw.len) == 0);
    (void)gh_buf_addf(out, "%llu %u:%u ", (unsigned long long)item->offset,
                      item->line, item->column);
    (void)gh_buf_add(out, item->list_kind);
    (void)gh_buf_addc(out, '\n');
}

static void report(struct gh_slice text, size_t most, size_t max_item_bytes,
                   struct gh_buf *out)
{
    struct gh_json_items *r = gh_json_items_new(max_item_bytes, NULL);
    struct gh_slice rest = text;
    struct gh_json_item item;
    struct gh_err err = {0};
    enum gh_rc rc;

    while ((rc = gh_json_items_next(r, &item, &err)) >= 0 && rc != GH_END) {
        if (rc == GH_MORE)
            feed(r, &rest, most);
        else
            describe(&item, text, out);
    }
    (void)gh_buf_addf(out, "%d %u:%u %s\n", rc, err.line, err.column, err.text);
    require(gh_json_items_next(r, &item, NULL) == GH_END);
    gh_json_items_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t limits[] = {20, 1u << 20};
    struct gh_slice text;
    struct gh_buf whole;
    struct gh_buf parts;

    if (size == 0)
        return 0;
    text = gh_slice_of((const char *)data + 1, size - 1);
    gh_buf_init(&whole, 64u << 20);
    gh_buf_init(&parts, 64u << 20);
    for (size_t i = 0; i < GH_COUNT(limits); i++) {
        gh_buf_clear(&whole);
        gh_buf_clear(&parts);
        report(text, SIZE_MAX, limits[i], &whole);
        report(text, data[0] % 32 + 1u, limits[i], &parts);
        require(gh_slice_eq(gh_buf_slice(&whole), gh_buf_slice(&parts)));
    }
    gh_buf_fini(&whole);
    gh_buf_fini(&parts);
    return 0;
}
