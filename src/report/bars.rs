//! Tables with a bar in each row: the figures stand beside their picture, so that nothing is told by the picture alone.

use super::{
    Comparison, LevelParameters, Phase, Rule, Waterfall,
    html::{Escaped, bits, bytes, count, percent, place, seconds, value},
};
use std::fmt::Write;

/// A picture of one bar: parts of a line from 0 to 100, each with its class.
pub(super) fn bar(out: &mut String, marks: &[(f64, f64, &str)], line: Option<f64>) {
    out.push_str(
        "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
    );
    for &(from, to, class) in marks {
        let (from, to) = (from.min(to).clamp(0.0, 100.0), from.max(to).clamp(0.0, 100.0));
        // A little is seen even of next to nothing.
        let width = (to - from).max(0.4);
        let from = from.min(100.0 - width);
        let _ = write!(
            out,
            "<rect class=\"{class}\" x=\"{}\" y=\"1\" width=\"{}\" height=\"8\"/>",
            place(from),
            place(width)
        );
    }
    if let Some(at) = line {
        let at = place(at.clamp(0.0, 100.0));
        let _ = write!(out, "<line class=\"axis\" x1=\"{at}\" x2=\"{at}\" y1=\"0\" y2=\"10\"/>");
    }
    out.push_str("</svg>");
}

/// A number that a picture can show.
fn usual(value: f64) -> f64 {
    if value.is_finite() { value.clamp(-1000.0, 1000.0) } else { 0.0 }
}

/// The evidence of a pair, added up row by row.
pub(super) fn waterfall(out: &mut String, pair: &Waterfall, threshold: Option<f64>) {
    let mut sum = 0.0;
    let mut range: (f64, f64) = (0.0, 0.0);
    for step in &pair.steps {
        sum += usual(step.bits);
        range = (range.0.min(sum), range.1.max(sum));
    }
    let threshold = threshold.filter(|bits| bits.is_finite());
    if let Some(bits) = threshold {
        range = (range.0.min(bits), range.1.max(bits));
    }
    let scale = |bits: f64| (bits - range.0) / (range.1 - range.0).max(1e-9) * 100.0;
    let probability = 1.0 / (1.0 + (-sum).exp2());
    let _ = write!(
        out,
        "<table class=\"fall\"><caption>{} <span class=\"quiet\">{} bits, probability {}</span></caption>\
         <thead><tr><th scope=\"col\">evidence</th><th scope=\"col\">values</th><th scope=\"col\" class=\"n\">bits</th>\
         <th class=\"pic\"><span class=\"hide\">picture</span></th></tr></thead><tbody>",
        Escaped(&pair.title),
        bits(sum),
        percent(probability)
    );
    let mut at = 0.0;
    for step in &pair.steps {
        let next = at + usual(step.bits);
        let class = if step.bits < 0.0 { "against" } else { "for" };
        let _ = write!(out, "<tr><th scope=\"row\">{}", Escaped(&step.name));
        if !step.level.is_empty() {
            let _ = write!(out, "<span class=\"level\">{}</span>", Escaped(&step.level));
        }
        out.push_str("</th><td class=\"values\">");
        if let Some((a, b)) = &step.values {
            if a == b {
                let _ = write!(out, "<span>{}</span>", value(a));
            } else {
                let _ = write!(out, "<span>{}</span><span>{}</span>", value(a), value(b));
            }
        }
        let _ = write!(out, "</td><td class=\"n\">{}</td><td class=\"pic\">", bits(step.bits));
        bar(out, &[(scale(at), scale(next), class)], threshold.map(scale));
        out.push_str("</td></tr>");
        at = next;
    }
    let _ = write!(
        out,
        "</tbody><tfoot><tr><th scope=\"row\">total</th><td></td><td class=\"n\">{}</td><td class=\"pic\">",
        bits(sum)
    );
    bar(out, &[(scale(0.0), scale(sum), if sum < 0.0 { "against" } else { "for" })], threshold.map(scale));
    out.push_str("</td></tr></tfoot></table>");
    if !pair.note.is_empty() {
        let _ = write!(out, "<p class=\"quiet\">{}</p>", Escaped(&pair.note));
    }
}

/// Levels of all comparisons: m and u on one scale, and the weight.
pub(super) fn parameters(out: &mut String, comparisons: &[Comparison]) {
    let levels = comparisons.iter().flat_map(|comparison| &comparison.levels);
    let widest = levels.filter_map(LevelParameters::bits).map(|bits| usual(bits).abs()).fold(1.0, f64::max);
    for comparison in comparisons {
        let _ = write!(
            out,
            "<table><caption>{}</caption><thead><tr><th scope=\"col\">level</th><th scope=\"col\" class=\"n\">m</th>\
             <th scope=\"col\" class=\"n\">u</th><th class=\"pic\"><span class=\"for-text\">m</span> over \
             <span class=\"against-text\">u</span></th><th scope=\"col\" class=\"n\">bits</th>\
             <th class=\"pic\"><span class=\"hide\">picture of the weight</span></th></tr></thead><tbody>",
            Escaped(&comparison.name)
        );
        for level in &comparison.levels {
            let share = |value: Option<f64>| value.map_or("–".to_owned(), percent);
            let _ = write!(
                out,
                "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"pic two\">",
                Escaped(&level.label),
                share(level.m),
                share(level.u)
            );
            if let (Some(m), Some(u)) = (level.m, level.u) {
                bar(out, &[(0.0, usual(m) * 100.0, "for")], None);
                bar(out, &[(0.0, usual(u) * 100.0, "against")], None);
            }
            let weight = level.bits();
            let text = weight.map_or("–".to_owned(), bits);
            let _ = write!(out, "</td><td class=\"n\">{text}</td><td class=\"pic\">");
            if let Some(weight) = weight {
                let class = if weight < 0.0 { "against" } else { "for" };
                bar(out, &[(50.0, 50.0 + usual(weight) / widest * 50.0, class)], Some(50.0));
            }
            out.push_str("</td></tr>");
        }
        out.push_str("</tbody></table>");
    }
}

/// Blocking rules: pairs, and what they add to recall.
pub(super) fn blocking(out: &mut String, rules: &[Rule]) {
    let truth = rules.iter().any(|rule| rule.marginal_recall.is_some());
    let blocks = rules.iter().any(|rule| rule.largest_block.is_some());
    let most = rules.iter().map(|rule| rule.pairs).max().unwrap_or(0).max(1) as f64;
    let pairs = if truth { "new pairs" } else { "pairs in blocks" };
    let _ = write!(
        out,
        "<table><thead><tr><th scope=\"col\">rule</th><th scope=\"col\" class=\"n\">{pairs}</th><th class=\"pic\"><span class=\"hide\">picture</span></th>"
    );
    if truth {
        out.push_str("<th scope=\"col\" class=\"n\">adds to recall</th><th scope=\"col\" class=\"n\">recall so far</th>");
    }
    if blocks {
        out.push_str("<th scope=\"col\" class=\"n\">largest block</th>");
    }
    out.push_str("</tr></thead><tbody>");
    let mut recall = 0.0;
    for rule in rules {
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"pic\">",
            Escaped(&rule.name),
            count(rule.pairs)
        );
        bar(out, &[(0.0, rule.pairs as f64 / most * 100.0, "plain")], None);
        out.push_str("</td>");
        if truth {
            recall += rule.marginal_recall.unwrap_or(0.0);
            let adds = rule.marginal_recall.map_or("–".to_owned(), percent);
            let _ = write!(out, "<td class=\"n\">{adds}</td><td class=\"n\">{}</td>", percent(recall));
        }
        if blocks {
            let largest = rule.largest_block.map_or("–".to_owned(), count);
            let _ = write!(out, "<td class=\"n\">{largest}</td>");
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
}

/// Clusters by size, found and true; bars by logarithm, since sizes thin out so fast.
pub(super) fn sizes(out: &mut String, found: &[(u32, u64)], truth: &[(u32, u64)]) {
    let groups = |sizes: &[(u32, u64)]| -> [u64; 9] {
        let mut counts = [0; 9];
        for &(size, count) in sizes {
            counts[group(size)] += count;
        }
        counts
    };
    let (found, real) = (groups(found), groups(truth));
    let most = found.iter().chain(&real).max().map_or(1.0, |most| (*most as f64 + 1.0).log2());
    let both = !truth.is_empty();
    out.push_str(
        "<table><thead><tr><th scope=\"col\">records</th><th scope=\"col\" class=\"n\">clusters</th>",
    );
    if both {
        out.push_str("<th scope=\"col\" class=\"n\">true clusters</th>");
    }
    out.push_str("<th class=\"pic\">log scale</th></tr></thead><tbody>");
    for (at, name) in
        ["1", "2", "3", "4", "5", "6 to 9", "10 to 29", "30 to 99", "100 and more"].iter().enumerate()
    {
        if found[at] == 0 && real[at] == 0 {
            continue;
        }
        let _ = write!(out, "<tr><th scope=\"row\">{name}</th><td class=\"n\">{}</td>", count(found[at]));
        if both {
            let _ = write!(out, "<td class=\"n\">{}</td>", count(real[at]));
        }
        out.push_str("<td class=\"pic two\">");
        let length = |count: u64| (count as f64 + 1.0).log2() / most * 100.0;
        bar(out, &[(0.0, length(found[at]), "for")], None);
        if both {
            bar(out, &[(0.0, length(real[at]), "plain")], None);
        }
        out.push_str("</td></tr>");
    }
    out.push_str("</tbody></table>");
}

fn group(size: u32) -> usize {
    match size {
        0..=5 => size.saturating_sub(1) as usize,
        6..=9 => 5,
        10..=29 => 6,
        30..=99 => 7,
        _ => 8,
    }
}

/// Time and memory by phase.
pub(super) fn phases(out: &mut String, phases: &[Phase]) {
    let all: f64 = phases.iter().map(|phase| usual(phase.cpu_seconds / 1000.0) * 1000.0).sum();
    let wall: f64 = phases.iter().map(|phase| usual(phase.wall_seconds / 1000.0) * 1000.0).sum();
    let memory = phases.iter().map(|phase| phase.peak_bytes).max().unwrap_or(0);
    out.push_str(
        "<table><thead><tr><th scope=\"col\">phase</th><th scope=\"col\" class=\"n\">processor</th>\
         <th class=\"pic\"><span class=\"hide\">picture</span></th><th scope=\"col\" class=\"n\">clock</th>\
         <th scope=\"col\" class=\"n\">most memory</th></tr></thead><tbody>",
    );
    let peak = |value: u64| if value == 0 { "–".to_owned() } else { bytes(value) };
    for phase in phases {
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"pic\">",
            Escaped(&phase.name),
            seconds(phase.cpu_seconds)
        );
        bar(out, &[(0.0, phase.cpu_seconds / all.max(1e-9) * 100.0, "plain")], None);
        let _ = write!(
            out,
            "</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            seconds(phase.wall_seconds),
            peak(phase.peak_bytes)
        );
    }
    let _ = write!(
        out,
        "</tbody><tfoot><tr><th scope=\"row\">total</th><td class=\"n\">{}</td><td></td><td class=\"n\">{}</td>\
         <td class=\"n\">{}</td></tr></tfoot></table>",
        seconds(all),
        seconds(wall),
        peak(memory)
    );
}
