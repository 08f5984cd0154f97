//! The command line of stitchline.
fn main() {}
