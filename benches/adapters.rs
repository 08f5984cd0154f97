//! Time a line takes from text to inputs, by format: `cargo bench --bench adapters [-- FILE…]`.
//!
//! Without files it reads one typical line of each format again and again; the lines are printed with their length, so
//! that figures can be compared. With files it reads those.

use std::{hint::black_box, time::Instant};
use stitchline::{
    Normalizer, Policy,
    ingest::{Options, Reader},
};

const LINES: &[(&str, &str)] = &[
    (
        "segment track",
        r#"{"type":"track","messageId":"83eddcff-ea0e-4b94-ad42-e9f05a354052","anonymousId":"8b211e5d-7ca9-45f2-aa7f-7530cd36a611","userId":null,"timestamp":"2026-02-03T14:34:46.000Z","context":{"ip":"203.0.113.211","userAgent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/124.0","locale":"en-US","library":{"name":"analytics.js","version":"2.11.1"}},"event":"Signed In","properties":{"value":248.41,"currency":"USD"}}"#,
    ),
    (
        "segment identify",
        r#"{"type":"identify","messageId":"9d7f8dbc-626e-489e-a2f0-178c2669f10c","anonymousId":"8b211e5d-7ca9-45f2-aa7f-7530cd36a611","userId":"u_cf8bc569","timestamp":"2026-02-03T14:38:43.000Z","context":{"ip":"203.0.113.211","userAgent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/124.0","locale":"en-US","library":{"name":"analytics.js","version":"2.11.1"}},"traits":{"email":"samuel.brown1949@example.com","firstName":"Samuel","lastName":"Brown"}}"#,
    ),
    (
        "genesys voice",
        r#"{"conversationId":"9b1c7d3e-0000-4a2b-8c3d-000000000001","conversationStart":"2026-03-02T09:15:00.000Z","conversationEnd":"2026-03-02T09:21:30.000Z","originatingDirection":"inbound","participants":[{"participantId":"p1","purpose":"customer","sessions":[{"sessionId":"s1","mediaType":"voice","direction":"inbound","ani":"tel:+447911123456","dnis":"tel:+442079460000","segments":[{"segmentStart":"2026-03-02T09:15:00.000Z","segmentEnd":"2026-03-02T09:21:30.000Z","segmentType":"interact","disconnectType":"peer"}]}]},{"participantId":"p2","purpose":"acd","sessions":[{"sessionId":"s2","mediaType":"voice","metrics":[{"name":"tAcd","value":20000}]}]},{"participantId":"p3","purpose":"agent","userId":"a-7","sessions":[{"sessionId":"s3","mediaType":"voice","metrics":[{"name":"tTalkComplete","value":370000}],"segments":[{"segmentStart":"2026-03-02T09:15:20.000Z","segmentEnd":"2026-03-02T09:21:30.000Z","segmentType":"interact","wrapUpCode":"Order status"}]}]}]}"#,
    ),
    (
        "cloudevents e-mail",
        r#"{"specversion":"1.0","id":"mail-1","source":"/mail/gateway","type":"com.example.email.received","time":"2026-03-02T11:02:00Z","datacontenttype":"application/json","data":{"from":"Ann Lee <ann.lee@example.com>","to":"help@shop.example","subject":"My order","direction":"inbound"}}"#,
    ),
    (
        "senzing",
        r#"{"DATA_SOURCE":"CUSTOMERS","RECORD_ID":"1001","FEATURES":[{"RECORD_TYPE":"PERSON"},{"NAME_LAST":"Smith","NAME_FIRST":"Robert"},{"DATE_OF_BIRTH":"12/11/1978"},{"ADDR_TYPE":"MAILING","ADDR_LINE1":"123 Main Street, Las Vegas NV 89132"},{"PHONE_TYPE":"HOME","PHONE_NUMBER":"702-919-1300"}],"AMOUNT":"100","DATE":"1/2/18","STATUS":"Active"}"#,
    ),
    (
        "stitchline",
        r#"{"type":"interaction","source":"web","id":"9d7f8dbc-626e-489e-a2f0-178c2669f10c","kind":"track","channel":"web","start":"2026-02-03T14:38:43Z","subject":"Signed In","participants":[{"role":"customer","identifiers":["cookie:8b211e5d-7ca9-45f2-aa7f-7530cd36a611","email:samuel.brown1949@example.com"]}]}"#,
    ),
    (
        "csv",
        "r96d903a6,crm,Nathan,Edwards,1987-11-18,nathan.edwards@example.com,+442079460123,818 Franklin St,Leeds,LS1 4AP,GB,2026-01-14T00:17:47Z",
    ),
];
const HEADER: &str = "id,source,first_name,surname,dob,email,phone,street,city,postcode,country,updated_at\n";

fn main() {
    let policy = Policy { default_region: Some("US".into()), ..Policy::default() };
    let normalizer = Normalizer::new(&policy).expect("a region");
    let files: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    for file in &files {
        let text = std::fs::read(file).expect("a readable file");
        report(file, &text, &normalizer);
    }
    if files.is_empty() {
        for (name, line) in LINES {
            let mut text = if *name == "csv" { HEADER.to_owned() } else { String::new() };
            for _ in 0..50_000 {
                text.push_str(line);
                text.push('\n');
            }
            report(&format!("{name}, {} bytes", line.len()), text.as_bytes(), &normalizer);
        }
    }
}

fn report(name: &str, text: &[u8], normalizer: &Normalizer) {
    let mut best = f64::MAX;
    let mut items = 0;
    for _ in 0..5 {
        let begin = Instant::now();
        let reader = Reader::new(text, "bench", normalizer, Options::default()).expect("a known format");
        items = 0;
        for item in reader {
            black_box(&item);
            items += 1;
        }
        best = best.min(begin.elapsed().as_secs_f64());
    }
    let nanos = best * 1e9 / f64::from(items);
    println!("{name}: {nanos:.0} ns an item, {:.0} a second ({items} items)", 1e9 / nanos);
}
