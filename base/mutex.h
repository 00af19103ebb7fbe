#pragma once
/// std::mutex and std::condition_variable with the annotations by which Clang checks which lock guards what
/// (-Wthread-safety, preset `clang19`); the standard library's own have none. With another compiler they say nothing.
///
///     Mutex mutex_;
///     int waiting_ ETALON_GUARDED_BY(mutex_) = 0;

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define ETALON_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define ETALON_THREAD_ANNOTATION(x)
#endif

#define ETALON_CAPABILITY(name) ETALON_THREAD_ANNOTATION(capability(name))
#define ETALON_SCOPED_CAPABILITY ETALON_THREAD_ANNOTATION(scoped_lockable)
/// The member is read and written only with that lock held.
#define ETALON_GUARDED_BY(mutex) ETALON_THREAD_ANNOTATION(guarded_by(mutex))
/// The function is called with the lock held; shared: at least to read.
#define ETALON_REQUIRES(...) ETALON_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define ETALON_REQUIRES_SHARED(...) ETALON_THREAD_ANNOTATION(requires_shared_capability(__VA_ARGS__))
/// The function is called without it.
#define ETALON_EXCLUDES(...) ETALON_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))
#define ETALON_ACQUIRE(...) ETALON_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define ETALON_ACQUIRE_SHARED(...) ETALON_THREAD_ANNOTATION(acquire_shared_capability(__VA_ARGS__))
#define ETALON_RELEASE(...) ETALON_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
#define ETALON_RELEASE_SHARED(...) ETALON_THREAD_ANNOTATION(release_shared_capability(__VA_ARGS__))
#define ETALON_RELEASE_GENERIC(...) ETALON_THREAD_ANNOTATION(release_generic_capability(__VA_ARGS__))

namespace etalon {

class CondVar;

/// One thread at a time. Who comes while another is inside looks again for a moment before it sleeps: what is done
/// inside mostly takes less than falling asleep and being woken.
class ETALON_CAPABILITY("mutex") Mutex {
public:
    void lock() ETALON_ACQUIRE() {
        constexpr int kLooks = 100;
        for (int i = 0; i < kLooks; ++i) {
            if (mutex_.try_lock()) return;
            pause();
        }
        mutex_.lock();
    }
    void unlock() ETALON_RELEASE() { mutex_.unlock(); }

private:
    friend class CondVar;
    static void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#endif
    }
    std::mutex mutex_;
};

/// Holds a Mutex for its lifetime.
class ETALON_SCOPED_CAPABILITY MutexLock {
public:
    explicit MutexLock(Mutex& mutex) ETALON_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
    ~MutexLock() ETALON_RELEASE() { mutex_.unlock(); }
    MutexLock(const MutexLock&) = delete;
    MutexLock& operator=(const MutexLock&) = delete;

private:
    Mutex& mutex_;
};

/// Waits for what is guarded by a Mutex; wake-ups without a reason happen, so that callers wait in a loop.
class CondVar {
public:
    void wait(Mutex& mutex) ETALON_REQUIRES(mutex) {
        std::unique_lock lock(mutex.mutex_, std::adopt_lock);
        condition_.wait(lock);
        lock.release();
    }
    /// At most until then.
    void wait_until(Mutex& mutex, std::chrono::steady_clock::time_point time) ETALON_REQUIRES(mutex) {
        std::unique_lock lock(mutex.mutex_, std::adopt_lock);
        condition_.wait_until(lock, time);
        lock.release();
    }
    void notify_one() noexcept { condition_.notify_one(); }
    void notify_all() noexcept { condition_.notify_all(); }

private:
    std::condition_variable condition_;
};

}  // namespace etalon
