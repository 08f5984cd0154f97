//! The size of the pages of memory that the program works in.

/// Bytes of input from which large pages pay.
const LARGE: u64 = 512 << 20;

/// Asks the system for small pages where the tables of so many bytes of input will not be large: to clear a large page
/// for the first touch costs more then than its fewer entries in the processor's tables save, most of all in virtual
/// machines. A wish: what the system cannot do is left as it is.
pub(crate) fn choose(bytes: u64) {
    #[cfg(target_os = "linux")]
    if bytes < LARGE {
        // Nothing is lost where it is refused.
        let _ = rustix::thread::disable_transparent_huge_pages(true);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = bytes < LARGE;
}
