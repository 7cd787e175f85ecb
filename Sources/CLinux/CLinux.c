#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int oi_futex_wait(const uint32_t *address, uint32_t expected, uint64_t timeoutNanoseconds) {
    struct timespec timeout = {
        .tv_sec = (time_t)(timeoutNanoseconds / 1000000000ull),
        .tv_nsec = (long)(timeoutNanoseconds % 1000000000ull),
    };
    long result = syscall(SYS_futex, address, FUTEX_WAIT, expected, &timeout, 0, 0);
    if (result == 0 || errno == EAGAIN) return 0;
    return errno;
}

int oi_futex_wake(const uint32_t *address, int count) {
    return (int)syscall(SYS_futex, address, FUTEX_WAKE, count, 0, 0, 0);
}

uint32_t oi_atomic_load_u32(const uint32_t *address) {
    return __atomic_load_n(address, __ATOMIC_SEQ_CST);
}
void oi_atomic_store_u32(uint32_t *address, uint32_t value) {
    __atomic_store_n(address, value, __ATOMIC_SEQ_CST);
}
uint32_t oi_atomic_add_u32(uint32_t *address, uint32_t value) {
    return __atomic_fetch_add(address, value, __ATOMIC_SEQ_CST);
}
uint64_t oi_atomic_load_u64(const uint64_t *address) {
    return __atomic_load_n(address, __ATOMIC_SEQ_CST);
}
void oi_atomic_store_u64(uint64_t *address, uint64_t value) {
    __atomic_store_n(address, value, __ATOMIC_SEQ_CST);
}
