/* SPDX-License-Identifier: MIT
 *
 * Stands in for libFuzzer where there is none: gives every file of a corpus folder once to LLVMFuzzerTestOneInput, each in an
 * allocation of exactly its size, so that a sanitizer sees the first byte read past the end.
 *
 * usage: replay_NAME FOLDER    0 when all went through; 1 for an empty or unreadable corpus, which must not pass for tested
 */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Returns 1 when the file was fed, 0 when it is not a regular file, -1 with errno set when it cannot be read. */
static int replay_file(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return -1;
    if (!S_ISREG(about.st_mode))
        return 0;

    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return -1;
    size_t size = (size_t)about.st_size;
    uint8_t *data = malloc(size);
    if (size > 0 && (data == NULL || fread(data, 1, size, file) != size)) {
        free(data);
        fclose(file);
        errno = EIO;
        return -1;
    }
    fclose(file);

    /* Named first: when the input crashes us, the last line says which one it was. */
    printf("%s (%zu bytes)\n", path, size);
    fflush(stdout);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    DIR *folder = opendir(argv[1]);
    if (folder == NULL) {
        fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
        return 1;
    }

    int fed = 0;
    int unreadable = 0;
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        char path[4096];
        if (entry->d_name[0] == '.')
            continue;
        int length = snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        int result = -1;
        errno = ENAMETOOLONG;
        if (length > 0 && (size_t)length < sizeof path)
            result = replay_file(path);
        if (result < 0) {
            fprintf(stderr, "%s: %s\n", entry->d_name, strerror(errno));
            unreadable++;
        } else {
            fed += result;
        }
    }
    closedir(folder);

    printf("%d inputs replayed\n", fed);
    return fed > 0 && unreadable == 0 ? 0 : 1;
}
