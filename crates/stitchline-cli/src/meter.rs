//! Time by phase, and the peak of memory.

use cpu_time::ProcessTime;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::{
    cell::RefCell,
    io::Read,
    rc::Rc,
    time::{Duration, Instant},
};

/// What a phase took.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Measured {
    pub(crate) phase: String,
    pub(crate) cpu_seconds: f64,
    pub(crate) wall_seconds: f64,
    /// The most memory of the process up to the end of the phase, where the system tells.
    pub(crate) peak_memory_bytes: Option<u64>,
}

/// Measures one phase after another, and shows on a terminal which one goes on.
#[derive(Clone)]
pub(crate) struct Meter(Rc<RefCell<State>>);

struct State {
    done: Vec<Measured>,
    current: Option<(String, ProcessTime, Instant)>,
    bar: ProgressBar,
}

impl Meter {
    pub(crate) fn start() -> Self {
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(Duration::from_millis(200));
        Meter(Rc::new(RefCell::new(State { done: Vec::new(), current: None, bar })))
    }

    /// Ends the phase that goes on and begins another.
    pub(crate) fn phase(&self, phase: &str) {
        let mut state = self.0.borrow_mut();
        state.end();
        state.bar.set_style(spinner());
        state.bar.set_message(phase.to_owned());
        state.current = Some((phase.to_owned(), ProcessTime::now(), Instant::now()));
    }

    /// Passes a file on, and shows how much of `size` bytes has been read.
    pub(crate) fn watch<R: Read>(&self, read: R, size: u64) -> impl Read + use<R> {
        let state = self.0.borrow();
        if size > 0 {
            state.bar.set_length(size);
            state.bar.set_style(reading());
        }
        state.bar.wrap_read(read)
    }

    pub(crate) fn stop(&self) -> Vec<Measured> {
        let mut state = self.0.borrow_mut();
        state.end();
        state.bar.finish_and_clear();
        let mut all = state.done.clone();
        all.push(Measured {
            phase: "total".into(),
            cpu_seconds: all.iter().map(|phase| phase.cpu_seconds).sum(),
            wall_seconds: all.iter().map(|phase| phase.wall_seconds).sum(),
            peak_memory_bytes: peak_memory(),
        });
        all
    }
}

impl State {
    fn end(&mut self) {
        if let Some((phase, cpu, wall)) = self.current.take() {
            self.done.push(Measured {
                phase,
                cpu_seconds: cpu.elapsed().as_secs_f64(),
                wall_seconds: wall.elapsed().as_secs_f64(),
                peak_memory_bytes: peak_memory(),
            });
        }
    }
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}").unwrap_or(ProgressStyle::default_spinner())
}

/// A bar of bytes read.
pub(crate) fn reading() -> ProgressStyle {
    let style = "{bar:30} {percent:>3} %  {bytes} of {total_bytes}, {eta} to go  {wide_msg}";
    ProgressStyle::with_template(style).unwrap_or(ProgressStyle::default_bar())
}

/// The most memory that the process has had, where the system tells.
pub(crate) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}
