/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

struct gh_digest {
    EVP_MD *sha256;
    EVP_MD_CTX *ctx;
};

/* Without a digest nothing has a version; libcrypto fails here only when it is
 * out of memory or was configured without SHA-256. */
static _Noreturn void fail(void)
{
    (void)fprintf(stderr, "gatehouse: libcrypto gives no SHA-256\n");
    abort();
}

struct gh_digest *gh_digest_new(void)
{
    struct gh_digest *d = GH_XNEW(struct gh_digest);

    d->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    d->ctx = EVP_MD_CTX_new();
    if (!d->sha256 || !d->ctx)
        fail();
    return d;
}

struct gh_digest *gh_digest_free(struct gh_digest *d)
{
    if (!d)
        return NULL;
    EVP_MD_CTX_free(d->ctx);
    EVP_MD_free(d->sha256);
    gh_free(d);
    return NULL;
}

void gh_digest_sha256(struct gh_digest *d, struct gh_slice s,
                      uint8_t ret[static GH_SHA256_BYTES])
{
    unsigned len = 0;

    if (EVP_DigestInit_ex2(d->ctx, d->sha256, NULL) != 1 ||
        EVP_DigestUpdate(d->ctx, s.ptr, s.len) != 1 ||
        EVP_DigestFinal_ex(d->ctx, ret, &len) != 1 || len != GH_SHA256_BYTES)
        fail();
}
