//! The size of the pages of memory that the program works in.

/// Asks the system for small pages where the tables of so many bytes of input will not be large: to clear a large page
/// for the first touch costs more then than its fewer entries in the processor's tables save, most of all in virtual
/// machines. A wish: what the system cannot do is left as it is.
#[cfg(target_os = "linux")]
pub(crate) fn choose(bytes: u64) {
    /// From so many on large pages pay.
    const LARGE: u64 = 512 << 20;
    // Nothing is lost where it is refused.
    let _ = rustix::thread::disable_transparent_huge_pages(bytes < LARGE);
}

/// Other systems are left to choose.
#[cfg(not(target_os = "linux"))]
pub(crate) fn choose(_: u64) {}
