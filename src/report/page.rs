//! The page: sections in order, those without content left out.

use super::{
    Report, bars, curves,
    html::{Escaped, count},
    strategies,
};
use std::fmt::Write;

const STYLE: &str = include_str!("style.css");

/// A section's place, heading, and whether it takes the page's whole width.
struct Section {
    id: &'static str,
    heading: &'static str,
    explain: String,
    wide: bool,
    body: String,
}

pub(super) fn render(report: &Report) -> String {
    let sections = sections(report);
    let mut out = String::with_capacity(64 * 1024);
    let title = Escaped(&report.title);
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>{title} – stitchline</title><style>{STYLE}</style></head><body><main><h1>{title}</h1>"
    );
    out.push_str("<p class=\"quiet\">A linkage by stitchline. Weights are in bits: one more bit is twice the odds.</p>");
    if sections.len() > 2 {
        out.push_str("<nav aria-label=\"Sections\">");
        for section in &sections {
            let _ = write!(out, "<a href=\"#{}\">{}</a>", section.id, section.heading);
        }
        out.push_str("</nav>");
    }
    if !report.facts.is_empty() {
        out.push_str("<dl class=\"facts\">");
        for (what, value) in &report.facts {
            let _ = write!(out, "<div><dt>{}</dt><dd>{}</dd></div>", Escaped(what), Escaped(value));
        }
        out.push_str("</dl>");
    }
    if !report.notes.is_empty() {
        out.push_str("<ul class=\"notes\">");
        for note in &report.notes {
            let _ = write!(out, "<li>{}</li>", Escaped(note));
        }
        out.push_str("</ul>");
    }
    out.push_str("<div class=\"cards\">");
    for section in &sections {
        let wide = if section.wide { " class=\"wide\"" } else { "" };
        let _ = write!(
            out,
            "<section id=\"{}\"{wide} aria-labelledby=\"{}-h\"><h2 id=\"{}-h\">{}</h2>",
            section.id, section.id, section.id, section.heading
        );
        if !section.explain.is_empty() {
            let _ = write!(out, "<p class=\"quiet\">{}</p>", section.explain);
        }
        let _ = write!(out, "<div class=\"scroll\">{}</div></section>", section.body);
    }
    out.push_str("</div></main></body></html>\n");
    out
}

fn sections(report: &Report) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut add = |id, heading, explain: &str, wide, body: String| {
        if !body.is_empty() {
            sections.push(Section { id, heading, explain: explain.to_owned(), wide, body });
        }
    };
    let threshold = report.threshold;
    add(
        "strategies",
        "Strategies",
        "Each ran in a process of its own and never saw the truth. Precision, recall and F1 are of pairs of records in one cluster.",
        true,
        strategies::table(&report.strategies),
    );
    add(
        "quality",
        "Against the truth",
        "Precision is the share of what was found that is true, recall the share of what is true that was found.",
        true,
        quality(report),
    );
    add("weights", "Match weights", &weights(report), false, {
        let mut body = String::new();
        if let Some(histogram) = report.histogram.as_ref().filter(|histogram| !histogram.pairs.is_empty()) {
            curves::histogram(&mut body, histogram, threshold);
        }
        body
    });
    add(
        "threshold",
        if report.expected { "Expected precision and recall" } else { "Precision and recall" },
        if report.expected {
            "What the model expects of each threshold by its own probabilities; no truth was used. Recall is of what blocking offered."
        } else {
            "Of scored pairs, before clustering. True pairs that blocking lost count as missed."
        },
        false,
        {
            let mut body = String::new();
            curves::precision_recall(&mut body, &report.curve, threshold, report.expected);
            body
        },
    );
    add(
        "calibration",
        "Calibration",
        "Where probabilities mean what they say, dots lie on the diagonal.",
        false,
        {
            let mut body = String::new();
            if let Some(calibration) = report.calibration.as_ref().filter(|calibration| calibration.pairs > 0)
            {
                curves::reliability(&mut body, calibration);
            }
            body
        },
    );
    add(
        "sizes",
        "Cluster sizes",
        if report.true_sizes.is_empty() { "" } else { "In colour those found, in grey the true ones." },
        false,
        {
            let mut body = String::new();
            if !report.cluster_sizes.is_empty() {
                bars::sizes(&mut body, &report.cluster_sizes, &report.true_sizes);
            }
            body
        },
    );
    add(
        "pairs",
        "Chosen pairs",
        "Evidence is added up from the prior. Blue speaks for one customer, orange against; the dotted line is the threshold.",
        true,
        {
            let mut body = String::new();
            report.pairs.iter().for_each(|pair| bars::waterfall(&mut body, pair, threshold));
            body
        },
    );
    let mistakes = "What is wrong after clustering. Each cluster of two customers is shown by the strongest pair of the two, and \
                    each customer in two clusters by the strongest pair between these.";
    add("mistakes", "Worst mistakes", mistakes, true, {
        let mut body = String::new();
        for (heading, pairs) in &report.mistakes {
            let _ = write!(body, "<h3>{}</h3>", Escaped(heading));
            pairs.iter().for_each(|pair| bars::waterfall(&mut body, pair, threshold));
        }
        body
    });
    add(
        "model",
        "The model",
        "m is how often pairs of one customer reach a level, u how often pairs of two do. The weight of a level is log2 of m over u.",
        true,
        {
            let mut body = String::new();
            bars::parameters(&mut body, &report.comparisons);
            body
        },
    );
    let all: u64 = report.blocking.iter().map(|rule| rule.pairs).sum();
    let explain = match report.blocking.iter().any(|rule| rule.marginal_recall.is_some()) {
        true => format!("{} candidate pairs. Each counts for the first rule that gave it.", count(all)),
        false => "A pair counts in each block of each rule that has it; as a candidate it is compared once."
            .to_owned(),
    };
    add("blocking", "Blocking", &explain, true, {
        let mut body = String::new();
        if !report.blocking.is_empty() {
            bars::blocking(&mut body, &report.blocking);
        }
        body
    });
    add("work", "Time and memory", "", true, {
        let mut body = String::new();
        if !report.phases.is_empty() {
            bars::phases(&mut body, &report.phases);
        }
        body
    });
    add("spec", "The spec in use", "Save it, edit it, run it again.", true, {
        let spec = report.spec.trim_end();
        if spec.is_empty() { String::new() } else { format!("<pre tabindex=\"0\">{}</pre>", Escaped(spec)) }
    });
    sections
}

/// What the histogram shows.
fn weights(report: &Report) -> String {
    let Some(histogram) = &report.histogram else { return String::new() };
    let mut text = "How many candidate pairs reached which weight; ".to_owned();
    text.push_str(match histogram.true_pairs.is_empty() {
        true => "those in colour are linked.",
        false => "in blue pairs that are truly of one customer, in orange those that are not.",
    });
    if histogram.below > 0 {
        let _ = write!(text, " {} more scored less and are not kept.", count(histogram.below));
    }
    text
}

fn quality(report: &Report) -> String {
    let mut body = String::new();
    if report.quality.is_empty() {
        return body;
    }
    body.push_str(
        "<table><thead><tr><th scope=\"col\">measure</th><th scope=\"col\" class=\"n\">precision</th>\
         <th scope=\"col\" class=\"n\">recall</th><th scope=\"col\" class=\"n\">F1</th></tr></thead><tbody>",
    );
    for (name, measures) in &report.quality {
        let _ = write!(
            body,
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{:.4}</td><td class=\"n\">{:.4}</td><td class=\"n\">{:.4}</td></tr>",
            Escaped(name),
            measures.precision,
            measures.recall,
            measures.f1
        );
    }
    body.push_str("</tbody></table>");
    body
}
