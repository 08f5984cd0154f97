//! Strategies side by side: a row each, with a bar for what is good and a bar for what it costs.

use super::{
    Strategy, bars,
    html::{Escaped, bytes, count, rough, seconds},
};
use std::fmt::Write;

/// The table; nothing where there is no strategy.
pub(super) fn table(strategies: &[Strategy]) -> String {
    let mut out = String::new();
    if strategies.is_empty() {
        return out;
    }
    out.push_str(
        "<table><thead><tr><th scope=\"col\">strategy</th><th scope=\"col\" class=\"n\">precision</th>\
         <th scope=\"col\" class=\"n\">recall</th><th scope=\"col\" class=\"n\">F1</th><th class=\"pic\"><span class=\"hide\">picture of F1</span></th>\
         <th scope=\"col\" class=\"n\">B-cubed</th><th scope=\"col\" class=\"n\">candidates</th><th scope=\"col\" class=\"n\">pairs a second</th>\
         <th scope=\"col\" class=\"n\">processor</th><th class=\"pic\"><span class=\"hide\">picture of the time</span></th>\
         <th scope=\"col\" class=\"n\">memory</th></tr></thead><tbody>",
    );
    let spent = |own: &Strategy| own.phases.iter().map(|phase| phase.cpu_seconds).sum::<f64>();
    let most = strategies.iter().map(spent).filter(|spent| spent.is_finite()).fold(1e-9, f64::max);
    for own in strategies {
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", Escaped(&own.name));
        let share = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.4}"));
        for value in [
            own.pairwise.map(|measures| measures.precision),
            own.pairwise.map(|measures| measures.recall),
            own.pairwise.map(|measures| measures.f1),
        ] {
            let _ = write!(out, "<td class=\"n\">{}</td>", share(value));
        }
        out.push_str("<td class=\"pic\">");
        if let Some(measures) = own.pairwise {
            bars::bar(&mut out, &[(0.0, measures.f1 * 100.0, "for")], None);
        }
        let _ = write!(
            out,
            "</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"pic\">",
            share(own.b_cubed),
            own.candidates.map_or("–".to_owned(), count),
            own.pairs_a_second.map_or("–".to_owned(), rough),
            seconds(spent(own))
        );
        bars::bar(&mut out, &[(0.0, spent(own) / most * 100.0, "plain")], None);
        let _ =
            write!(out, "</td><td class=\"n\">{}</td></tr>", own.peak_bytes.map_or("–".to_owned(), bytes));
    }
    out.push_str("</tbody></table>");
    for own in strategies.iter().filter(|own| !own.phases.is_empty()) {
        let _ = write!(out, "<details><summary>Phases of {}</summary>", Escaped(&own.name));
        bars::phases(&mut out, &own.phases);
        out.push_str("</details>");
    }
    out
}
