// Linux system calls that glibc gives no function for, or that Swift cannot import (variadic).
#ifndef OI_CLINUX_H
#define OI_CLINUX_H

#include <stdint.h>

// Sleeps while *address == expected, at most timeoutNanoseconds. Works across processes that
// map the same memory. Returns 0 when woken or when the value differed, else an errno value
// (ETIMEDOUT, EINTR).
int oi_futex_wait(const uint32_t *_Nonnull address, uint32_t expected,
                  uint64_t timeoutNanoseconds);

// Wakes at most `count` sleepers on `address`, in any process. Returns how many were woken.
int oi_futex_wake(const uint32_t *_Nonnull address, int count);

// Sequentially consistent accesses to a 32-bit or 64-bit word in memory shared between processes.
uint32_t oi_atomic_load_u32(const uint32_t *_Nonnull address);
void oi_atomic_store_u32(uint32_t *_Nonnull address, uint32_t value);
uint32_t oi_atomic_add_u32(uint32_t *_Nonnull address, uint32_t value);
uint64_t oi_atomic_load_u64(const uint64_t *_Nonnull address);
void oi_atomic_store_u64(uint64_t *_Nonnull address, uint64_t value);

#endif
