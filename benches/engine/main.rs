//! The engine's figures, each with its answer asserted first.
//!
//! `cargo bench --bench engine -- [SECTION…]`; without a section, all of them. Time is the thread's CPU time unless a
//! line says otherwise. `STITCHLINE_BENCH_EVENTS` sets the size, a million otherwise. The record of past runs is
//! docs/benchmarks.md.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

mod accuracy;
mod erase;
mod ingest;
mod memory;
mod open;
mod read;
mod world;

/// The allocator of the command line.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let sections: [(&str, fn()); 6] = [
        ("ingest", ingest::run),
        ("read", read::run),
        ("open", open::run),
        ("erase", erase::run),
        ("memory", memory::run),
        ("accuracy", accuracy::run),
    ];
    println!("{}", world::machine());
    if wanted.iter().any(|arg| arg == "ingest-once") {
        return ingest::once();
    }
    for (name, run) in sections {
        if wanted.is_empty() || wanted.iter().any(|arg| arg == name) {
            println!("\n{name}");
            run();
        }
    }
}
