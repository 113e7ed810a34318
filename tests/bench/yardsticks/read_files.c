/* read_files LIST [PASSES]: the floor of a fingerprint. Opens, reads and closes the files that LIST names (one a line), and nothing
 * else; a directory is listed. With PASSES it prints the CPU time of one pass in microseconds. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { kMaxFiles = 4096 };

static char buffer[1 << 16];

static void read_one(const char* path) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got < 0) { /* a directory */
        DIR* const listing = fdopendir(fd);
        if (listing != NULL) {
            while (readdir(listing) != NULL) {
            }
            closedir(listing);
            return;
        }
    }
    close(fd);
}

static double cpu_microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

int main(int argc, char** argv) {
    static char* files[kMaxFiles];
    int count = 0;
    if (argc < 2) return 64;
    const int list = open(argv[1], O_RDONLY | O_CLOEXEC);
    static char names[1 << 18];
    const ssize_t size = read(list, names, sizeof names - 1);
    if (size <= 0) return 65;
    close(list);
    for (char* name = strtok(names, "\n"); name != NULL && count < kMaxFiles; name = strtok(NULL, "\n"))
        files[count++] = name;
    const int passes = argc > 2 ? atoi(argv[2]) : 1;
    const double before = cpu_microseconds();
    for (int pass = 0; pass < passes; ++pass)
        for (int i = 0; i < count; ++i) read_one(files[i]);
    if (argc > 2) printf("%.1f\n", (cpu_microseconds() - before) / passes);
    return 0;
}
