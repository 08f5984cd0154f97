//! One question put to several implementations: the answers are compared first, then the time is taken in turns.
//!
//! Each round runs every implementation once, so that a slow moment of the machine meets all of them alike; the
//! median of the rounds counts. Time is the processor time of this thread.

use std::cell::RefCell;
use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;

const ROUNDS: usize = 11;
const LEAST: Duration = Duration::from_millis(4);

/// Where the answers go when they are checked; when the time is taken there is nowhere.
pub type Answers<'v> = Option<&'v mut Vec<f64>>;

type Run<'a> = Box<dyn FnMut(Answers<'_>) + 'a>;

struct Entry<'a> {
    name: String,
    /// Whether the peer means the same metric, so that another answer is an error.
    same: bool,
    run: Run<'a>,
}

/// Gives each item's answer to where it is wanted, or works it out and drops it.
pub fn answer<T>(out: Answers<'_>, items: impl Iterator<Item = T>, compare: impl Fn(T) -> f64) {
    match out {
        Some(out) => out.extend(items.map(compare)),
        None => drop(black_box(items.fold(0.0, |sum, item| sum + compare(item)))),
    }
}

/// What is asked for, and where the lines go.
#[derive(Default)]
pub struct Plan {
    /// Only this form.
    pub form: Option<String>,
    /// Take only our own times; peers still check the answers.
    pub ours: bool,
    pub lines: RefCell<Vec<String>>,
}

/// A metric, asked in one form of one set of pairs.
pub struct Contest<'a> {
    metric: &'a str,
    form: &'a str,
    set: &'a str,
    pairs: usize,
    plan: &'a Plan,
    entries: Vec<Entry<'a>>,
}

impl<'a> Contest<'a> {
    /// `pairs` answers are given by each implementation each time.
    pub fn new(plan: &'a Plan, metric: &'a str, form: &'a str, set: &'a str, pairs: usize) -> Self {
        Self { metric, form, set, pairs, plan, entries: Vec::new() }
    }

    /// An implementation, which appends its answers where asked. The first one added is the oracle.
    pub fn add(&mut self, name: impl Into<String>, run: impl FnMut(Answers<'_>) + 'a) -> &mut Self {
        self.entries.push(Entry { name: name.into(), same: true, run: Box::new(run) });
        self
    }

    /// An implementation whose answers are known to differ: how many do is said on standard error.
    pub fn add_other(&mut self, name: impl Into<String>, run: impl FnMut(Answers<'_>) + 'a) -> &mut Self {
        self.add(name, run);
        if let Some(entry) = self.entries.last_mut() {
            entry.same = false;
        }
        self
    }

    /// Checks the answers, takes the times and prints a line for each implementation.
    pub fn settle(mut self) -> Result<(), String> {
        let Self { metric, form, set, pairs, plan, .. } = self;
        if plan.form.as_deref().is_some_and(|only| only != form) {
            return Ok(());
        }
        let mut oracle = Vec::new();
        let mut answers = Vec::new();
        let mut repeats = Vec::new();
        for (index, entry) in self.entries.iter_mut().enumerate() {
            answers.clear();
            let started = ThreadTime::now();
            (entry.run)(None);
            let once = started.elapsed().max(Duration::from_nanos(100));
            repeats.push((LEAST.as_nanos() / once.as_nanos() + 1) as usize);
            (entry.run)(Some(&mut answers));
            if index == 0 {
                oracle.clone_from(&answers);
            }
            let differing = answers.iter().zip(&oracle).filter(|(a, b)| (*a - *b).abs() > 1e-9).count();
            let name = &entry.name;
            if answers.len() != pairs || (entry.same && differing > 0) {
                return Err(format!(
                    "{metric}, {form}, {set}: {name} differs in {differing} of {pairs} answers"
                ));
            }
            if differing > 0 {
                eprintln!("{metric}, {form}, {set}: {name} differs in {differing} of {pairs} answers");
            }
        }
        if plan.ours {
            let mut keep = self.entries.iter().map(|entry| entry.name.starts_with("stitchline"));
            repeats.retain(|_| keep.next().unwrap_or(false));
            self.entries.retain(|entry| entry.name.starts_with("stitchline"));
        }
        let mut times = vec![Vec::new(); self.entries.len()];
        for _ in 0..ROUNDS {
            for ((entry, repeats), times) in self.entries.iter_mut().zip(&repeats).zip(&mut times) {
                let started = ThreadTime::now();
                for _ in 0..*repeats {
                    (entry.run)(None);
                }
                times.push(started.elapsed().as_secs_f64() * 1e9 / (*repeats * pairs) as f64);
            }
        }
        for (entry, mut times) in self.entries.iter().zip(times) {
            times.sort_by(f64::total_cmp);
            let line = format!("{metric},{form},{set},{},{:.2}", entry.name, times[ROUNDS / 2]);
            println!("{line}");
            plan.lines.borrow_mut().push(line);
        }
        Ok(())
    }
}
