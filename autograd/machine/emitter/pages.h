/* Pages that can be run: written first, then read and run, never both at once. */
#include <sys/mman.h>

#if !defined(MAP_ANONYMOUS)
#define MAP_ANONYMOUS MAP_ANON
#endif

/* A copy of code that can be run; NULL where the system refuses. */
static void *pages_with(const uint8_t *code, size_t size) {
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) return NULL;
    memcpy(pages, code, size);
    if (!mprotect(pages, size, PROT_READ | PROT_EXEC)) return pages;
    munmap(pages, size);
    return NULL;
}
