/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * Corpus replay: runs a fuzz target over every file of a folder, so each
 * build, with any compiler, keeps the corpus as regression tests.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_BYTES ((size_t)1 << 20)

static int replay(const char *path, uint8_t *data)
{
    FILE *f = fopen(path, "rb");
    size_t n;

    if (!f) {
        perror(path);
        return 1;
    }
    n = fread(data, 1, MAX_BYTES, f);
    (void)fclose(f);
    return LLVMFuzzerTestOneInput(data, n);
}

int main(int argc, char **argv)
{
    uint8_t *data = malloc(MAX_BYTES);
    DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
    struct dirent *entry;
    int failed = 0;
    int count = 0;

    if (!data || !dir) {
        perror(argc == 2 ? argv[1] : "usage: replay FOLDER");
        free(data);
        return 1;
    }
    while ((entry = readdir(dir))) {
        char path[4096];

        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
        failed |= replay(path, data);
        count++;
    }
    (void)closedir(dir);
    free(data);
    printf("replayed %d inputs\n", count);
    return failed || count == 0;
}
