//! Pictures with axes: the histogram of weights, precision and recall over the threshold, and reliability.

use super::{
    Histogram,
    html::{bits, count, percent, place, rough},
};
use crate::evaluate::{Calibration, Point};
use std::fmt::Write;

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 250.0;
const LEFT: f64 = 46.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 40.0;

/// The frame of a picture: values to coordinates.
struct Frame {
    x: (f64, f64),
    y: (f64, f64),
    right: f64,
}

impl Frame {
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let part =
            |value: f64, (from, to): (f64, f64)| ((value - from) / (to - from).max(1e-12)).clamp(0.0, 1.0);
        let (w, h) = (WIDTH - LEFT - self.right, HEIGHT - TOP - BOTTOM);
        (LEFT + part(x, self.x) * w, TOP + (1.0 - part(y, self.y)) * h)
    }

    fn open(&self, out: &mut String, id: &str, title: &str, describe: &str) {
        let _ = write!(
            out,
            "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\
             <title id=\"{id}-t\">{title}</title><desc id=\"{id}-d\">{describe}</desc>"
        );
    }

    fn text(&self, out: &mut String, at: (f64, f64), anchor: &str, class: &str, text: &str) {
        let _ = write!(
            out,
            "<text class=\"{class}\" x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\">{text}</text>",
            place(at.0),
            place(at.1)
        );
    }

    fn line(&self, out: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
        let _ = write!(
            out,
            "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            place(from.0),
            place(from.1),
            place(to.0),
            place(to.1)
        );
    }

    /// Horizontal lines with their values.
    fn levels(&self, out: &mut String, levels: &[(f64, String)]) {
        for (y, text) in levels {
            let (left, right) = (self.at(self.x.0, *y), self.at(self.x.1, *y));
            self.line(out, "grid", left, right);
            self.text(out, (LEFT - 6.0, left.1 + 4.0), "end", "tick", text);
        }
    }

    /// Round values below the picture, and what they are.
    fn below(&self, out: &mut String, name: &str, show: impl Fn(f64) -> String) {
        let step = round_step((self.x.1 - self.x.0) / 5.0);
        let mut tick = (self.x.0 / step).ceil() * step;
        for _ in 0..12 {
            if tick > self.x.1 + step * 1e-6 {
                break;
            }
            let at = self.at(tick, self.y.0);
            self.text(out, (at.0, at.1 + 16.0), "middle", "tick", &show(tick));
            tick += step;
        }
        let middle = f64::midpoint(LEFT, WIDTH - self.right);
        self.text(out, (middle, HEIGHT - 6.0), "middle", "name", name);
    }

    /// The threshold in use, named at a height where the picture leaves room.
    fn threshold(&self, out: &mut String, threshold: Option<f64>, y: f64) {
        let Some(bits) = threshold.filter(|bits| bits.is_finite() && (self.x.0..=self.x.1).contains(bits))
        else {
            return;
        };
        let (low, high) = (self.at(bits, self.y.0), self.at(bits, self.y.1));
        self.line(out, "threshold", low, high);
        let right = low.0 < WIDTH * 0.6;
        let at = (low.0 + if right { 5.0 } else { -5.0 }, y);
        self.text(
            out,
            at,
            if right { "start" } else { "end" },
            "name",
            &format!("threshold {}", super::html::bits(bits)),
        );
    }
}

/// 1, 2 or 5 times a power of ten, at least the value given.
fn round_step(least: f64) -> f64 {
    if !least.is_finite() || least <= 0.0 {
        return 1.0;
    }
    let unit = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|k| k * unit)
        .find(|step| *step >= least * 0.999)
        .unwrap_or(10.0 * unit)
}

fn whole(value: f64) -> String {
    let text = format!("{value:.0}");
    if text == "-0" { "0".to_owned() } else { text.replace('-', "−") }
}

/// Pairs by weight, counts by logarithm.
pub(super) fn histogram(out: &mut String, histogram: &Histogram, threshold: Option<f64>) {
    let bins = histogram.pairs.len();
    let most = histogram.pairs.iter().max().copied().unwrap_or(0);
    let top = ((most.max(1) as f64).log10() + 0.05).max(1.0);
    let end = histogram.from + histogram.width * bins as f64;
    let frame = Frame { x: (histogram.from, end), y: (0.0, top), right: RIGHT };
    let all: u64 = histogram.pairs.iter().sum();
    let describe = format!(
        "{} pairs in {bins} ranges from {} to {} bits; at most {} in one range.",
        count(all),
        bits(histogram.from),
        bits(end),
        count(most)
    );
    frame.open(out, "histogram", "Pairs by match weight", &describe);
    let levels: Vec<(f64, String)> =
        (0..=top as i32).map(|power| (f64::from(power), rough(10f64.powi(power)))).collect();
    let every = levels.len().div_ceil(6).max(1);
    frame.levels(out, &levels.into_iter().step_by(every).collect::<Vec<_>>());
    let truth = histogram.true_pairs.len() == bins && bins > 0;
    for (at, &pairs) in histogram.pairs.iter().enumerate().filter(|(_, pairs)| **pairs > 0) {
        let from = histogram.from + histogram.width * at as f64;
        let linked = threshold.is_some_and(|bits| from + histogram.width / 2.0 >= bits);
        // With a truth, false and true pairs stand side by side: on a log scale nothing can be stacked.
        let right = histogram.true_pairs.get(at).copied().unwrap_or(0);
        let parts = match truth {
            true => vec![(0.0, 0.5, "against", pairs.saturating_sub(right)), (0.5, 1.0, "for", right)],
            false => vec![(0.0, 1.0, if linked { "for" } else { "plain" }, pairs)],
        };
        for (begin, end, class, pairs) in parts.into_iter().filter(|(.., pairs)| *pairs > 0) {
            // A single pair has a height as well.
            let height = (pairs as f64).log10().max(0.04);
            let low = frame.at(from + histogram.width * begin, height);
            let high = frame.at(from + histogram.width * end, 0.0);
            let _ = write!(
                out,
                "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
                place(low.0 + 0.2),
                place(low.1),
                place((high.0 - low.0 - 0.4).max(0.4)),
                place(high.1 - low.1)
            );
        }
    }
    frame.below(out, "match weight in bits; counts on a log scale", whole);
    frame.threshold(out, threshold, TOP + 8.0);
    out.push_str("</svg><details><summary>As a table</summary><table><thead><tr><th scope=\"col\" class=\"n\">from</th><th scope=\"col\" class=\"n\">to</th><th scope=\"col\" class=\"n\">pairs</th>");
    if truth {
        out.push_str("<th scope=\"col\" class=\"n\">true</th>");
    }
    out.push_str("</tr></thead><tbody>");
    for (at, &pairs) in histogram.pairs.iter().enumerate() {
        let from = histogram.from + histogram.width * at as f64;
        let _ = write!(
            out,
            "<tr><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>",
            bits(from),
            bits(from + histogram.width),
            count(pairs)
        );
        if truth {
            let _ = write!(out, "<td class=\"n\">{}</td>", count(histogram.true_pairs[at]));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></details>");
}

/// Precision, recall and F1 over the threshold, each line named where it ends.
pub(super) fn precision_recall(out: &mut String, points: &[Point], threshold: Option<f64>, expected: bool) {
    let mut points: Vec<&Point> = points.iter().collect();
    points.sort_by_key(|point| point.threshold);
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return };
    let frame = Frame { x: (first.threshold.bits(), last.threshold.bits()), y: (0.0, 1.0), right: 70.0 };
    let best = points
        .iter()
        .max_by(|a, b| a.measures.f1.total_cmp(&b.measures.f1).then(a.threshold.cmp(&b.threshold)));
    let describe = best.map_or(String::new(), |best| {
        format!(
            "The greatest F1 is {:.4} at {} bits, with precision {:.4} and recall {:.4}.",
            best.measures.f1,
            bits(best.threshold.bits()),
            best.measures.precision,
            best.measures.recall
        )
    });
    frame.open(out, "curve", "Precision, recall and F1 over the threshold", &describe);
    frame.levels(out, &[0.0, 0.25, 0.5, 0.75, 1.0].map(|y| (y, format!("{y}"))));
    type Part = fn(&Point) -> f64;
    let lines: [(&str, &str, Part); 3] = [
        ("F1", "third", |point| point.measures.f1),
        ("recall", "second", |point| point.measures.recall),
        ("precision", "first", |point| point.measures.precision),
    ];
    let mut labels: Vec<(f64, &str, &str)> = Vec::new();
    for (name, class, part) in lines {
        let mut path = String::new();
        for (at, point) in points.iter().enumerate() {
            let (x, y) = frame.at(point.threshold.bits(), part(point));
            let _ = write!(path, "{}{} {}", if at == 0 { 'M' } else { 'L' }, place(x), place(y));
        }
        let _ = write!(out, "<path class=\"{class}\" d=\"{path}\"/>");
        labels.push((frame.at(last.threshold.bits(), part(last)).1, name, class));
    }
    // Names that would overlap are moved apart, downward from the top.
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut least = TOP;
    for (y, name, class) in &mut labels {
        *y = y.max(least);
        least = *y + 15.0;
        frame.text(out, (WIDTH - 64.0, *y + 4.0), "start", &format!("{class}-text"), name);
    }
    frame.below(out, "threshold in bits", whole);
    frame.threshold(out, threshold, HEIGHT - BOTTOM - 8.0);
    out.push_str("</svg>");
    let warning = if expected { "" } else { " Chosen by the truth, that threshold flatters." };
    let _ = write!(out, "<p class=\"quiet\">{describe}{warning}</p>");
    out.push_str("<details><summary>As a table</summary><table><thead><tr><th scope=\"col\" class=\"n\">bits</th><th scope=\"col\" class=\"n\">precision</th><th scope=\"col\" class=\"n\">recall</th><th scope=\"col\" class=\"n\">F1</th></tr></thead><tbody>");
    let every = points.len().div_ceil(40).max(1);
    for point in points.iter().step_by(every) {
        let _ = write!(
            out,
            "<tr><td class=\"n\">{}</td><td class=\"n\">{:.4}</td><td class=\"n\">{:.4}</td><td class=\"n\">{:.4}</td></tr>",
            bits(point.threshold.bits()),
            point.measures.precision,
            point.measures.recall,
            point.measures.f1
        );
    }
    out.push_str("</tbody></table></details>");
}

/// The share of true pairs over the probability that was said.
pub(super) fn reliability(out: &mut String, calibration: &Calibration) {
    let frame = Frame { x: (0.0, 1.0), y: (0.0, 1.0), right: RIGHT };
    let describe = format!(
        "Brier score {:.4}, mean distance from the diagonal {}, over {} pairs.",
        calibration.brier,
        percent(calibration.expected_error),
        count(calibration.pairs)
    );
    frame.open(out, "reliability", "Share of true pairs over stated probability", &describe);
    frame.levels(out, &[0.0, 0.25, 0.5, 0.75, 1.0].map(|y| (y, format!("{y}"))));
    frame.line(out, "diagonal", frame.at(0.0, 0.0), frame.at(1.0, 1.0));
    for bin in calibration.bins.iter().filter(|bin| bin.pairs > 0) {
        let (x, y) = frame.at(bin.probability, bin.share);
        // The area grows with the logarithm of the number of pairs.
        let radius = ((bin.pairs as f64 + 1.0).log10() + 1.0).sqrt() * 2.2;
        let _ = write!(
            out,
            "<circle class=\"dot\" cx=\"{}\" cy=\"{}\" r=\"{}\"/>",
            place(x),
            place(y),
            place(radius)
        );
    }
    frame.below(out, "probability stated (up: share that is true)", |x| format!("{x:.1}"));
    let _ = write!(
        out,
        "</svg><p class=\"quiet\">{describe}</p><details><summary>As a table</summary><table><thead><tr><th scope=\"col\" class=\"n\">stated</th><th scope=\"col\" class=\"n\">true</th><th scope=\"col\" class=\"n\">pairs</th></tr></thead><tbody>"
    );
    for bin in calibration.bins.iter().filter(|bin| bin.pairs > 0) {
        let _ = write!(
            out,
            "<tr><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            percent(bin.probability),
            percent(bin.share),
            count(bin.pairs)
        );
    }
    out.push_str("</tbody></table></details>");
}
