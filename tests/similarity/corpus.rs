//! The cases of fixtures/similarity, put to every implementation at every level.

use std::path::Path;

use stitchline::similarity::*;

struct Case {
    a: String,
    b: String,
    metric: String,
    value: String,
    at: String,
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/similarity");
    let mut cases = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "csv"));
    files.sort();
    for file in files {
        for (row, record) in csv::Reader::from_path(&file).unwrap().records().enumerate() {
            let record = record.unwrap();
            let field = |i: usize| record.get(i).unwrap().to_owned();
            let at = format!("{} row {}: {}", file.file_name().unwrap().display(), row + 2, field(4));
            cases.push(Case { a: field(0), b: field(1), metric: field(2), value: field(3), at });
        }
    }
    cases
}

impl Case {
    /// A published value has few digits and is met when rounding gives it; one with many is met exactly.
    fn check(&self, got: f64, how: &str) {
        let want: f64 = self.value.parse().unwrap();
        let digits = self.value.split_once('.').map_or(0, |(_, digits)| digits.len());
        let slack =
            if digits < 10 && got.fract() != 0.0 { 0.5001 * 0.1f64.powi(digits as i32) } else { 1e-15 };
        assert!((got - want).abs() <= slack, "{}: {} gives {got}, not {want} ({how})", self.at, self.metric);
    }

    fn both_ways(&self, how: &str, of: impl Fn(&str, &str) -> f64) {
        self.check(of(&self.a, &self.b), how);
        self.check(of(&self.b, &self.a), &format!("{how}, turned round"));
    }

    fn scores(
        &self,
        two: impl Fn(Level, &str, &str) -> Similarity,
        ready: impl Fn(&Prepared, &Prepared) -> Similarity,
        many: impl Fn(&Block, &Prepared, &mut [Similarity]),
        pairs: impl Fn(&mut PairBatch, &[(&str, &str)], &mut [Similarity]),
    ) {
        self.both_ways("prepared", |a, b| ready(&Prepared::new(a), &Prepared::new(b)).get());
        for level in Level::supported() {
            self.both_ways(&format!("two texts, {level}"), |a, b| two(level, a, b).get());
            self.both_ways(&format!("one against many, {level}"), |a, b| {
                let mut out = [Similarity::ZERO; 2];
                many(
                    &Block::at(level, [Prepared::new("another"), Prepared::new(b)]),
                    &Prepared::new(a),
                    &mut out,
                );
                out[1].get()
            });
            self.both_ways(&format!("pairs, {level}"), |a, b| {
                let mut out = [Similarity::ZERO; 2];
                pairs(&mut PairBatch::at(level), &[("one", "other"), (a, b)], &mut out);
                out[1].get()
            });
        }
    }

    fn distances(
        &self,
        two: impl Fn(Level, &str, &str) -> Distance,
        many: impl Fn(&Block, &Prepared, &mut [Distance]),
        pairs: impl Fn(&mut PairBatch, &[(&str, &str)], &mut [Distance]),
    ) {
        for level in Level::supported() {
            self.both_ways(&format!("two texts, {level}"), |a, b| two(level, a, b).get().into());
            self.both_ways(&format!("one against many, {level}"), |a, b| {
                let mut out = [Distance::ZERO; 2];
                many(
                    &Block::at(level, [Prepared::new("another"), Prepared::new(b)]),
                    &Prepared::new(a),
                    &mut out,
                );
                out[1].get().into()
            });
            self.both_ways(&format!("pairs, {level}"), |a, b| {
                let mut out = [Distance::ZERO; 2];
                pairs(&mut PairBatch::at(level), &[("one", "other"), (a, b)], &mut out);
                out[1].get().into()
            });
        }
    }
}

#[test]
fn every_case_holds_in_every_implementation() {
    let cases = cases();
    assert!(cases.len() > 400, "the corpus is there");
    for case in cases {
        match case.metric.as_str() {
            "jaro" => case.scores(
                jaro_at,
                Prepared::jaro,
                |block, text, out| block.jaro(text, None, out),
                |batch, pairs, out| batch.jaro(pairs, None, out),
            ),
            "jaro_winkler" => case.scores(
                jaro_winkler_at,
                Prepared::jaro_winkler,
                |block, text, out| block.jaro_winkler(text, None, out),
                |batch, pairs, out| batch.jaro_winkler(pairs, None, out),
            ),
            "levenshtein" => case.distances(
                levenshtein_at,
                |block, text, out| block.levenshtein(text, None, out),
                |batch, pairs, out| batch.levenshtein(pairs, None, out),
            ),
            "osa" => case.distances(
                osa_at,
                |block, text, out| block.osa(text, None, out),
                |batch, pairs, out| batch.osa(pairs, None, out),
            ),
            "damerau_levenshtein" => case.distances(
                |_, a, b| damerau_levenshtein(a, b),
                |block, text, out| block.damerau_levenshtein(text, None, out),
                |batch, pairs, out| batch.damerau_levenshtein(pairs, None, out),
            ),
            "indel" => case.distances(
                |_, a, b| indel(a, b),
                |block, text, out| block.indel(text, None, out),
                |batch, pairs, out| batch.indel(pairs, None, out),
            ),
            "lcs_length" => {
                for level in Level::supported() {
                    case.both_ways(&level.to_string(), |a, b| lcs_length_at(level, a, b) as f64);
                }
            }
            "indel_ratio" => case.both_ways("two texts", |a, b| indel_ratio(a, b).get()),
            "levenshtein_similarity" => {
                case.both_ways("two texts", |a, b| levenshtein_similarity(a, b).get())
            }
            "hamming" if case.value == "none" => assert_eq!(hamming(&case.a, &case.b), None, "{}", case.at),
            "hamming" => case.both_ways("two texts", |a, b| hamming(a, b).unwrap().get().into()),
            "token_sort_ratio" => case.both_ways("two texts", |a, b| token_sort_ratio(a, b).get()),
            "token_set_ratio" => case.both_ways("two texts", |a, b| token_set_ratio(a, b).get()),
            "monge_elkan" => case.check(monge_elkan(&case.a, &case.b, jaro_winkler).get(), "two texts"),
            "qgram_jaccard" => case.both_ways("two texts", |a, b| qgram_jaccard(a, b, 2).unwrap().get()),
            "qgram_dice" => case.both_ways("two texts", |a, b| qgram_dice(a, b, 2).unwrap().get()),
            "qgram_cosine" => case.both_ways("two texts", |a, b| qgram_cosine(a, b, 2).unwrap().get()),
            "soundex" => assert_eq!(soundex(&case.a), case.value, "{}", case.at),
            "nysiis" => assert_eq!(nysiis(&case.a), case.value, "{}", case.at),
            "metaphone" => assert_eq!(metaphone(&case.a), case.value, "{}", case.at),
            #[cfg(feature = "phonetic")]
            "double_metaphone" => {
                let code = double_metaphone(&case.a);
                assert_eq!(format!("{}/{}", code.primary, code.alternate), case.value, "{}", case.at);
            }
            #[cfg(feature = "phonetic")]
            "cologne" => assert_eq!(cologne(&case.a), case.value, "{}", case.at),
            #[cfg(feature = "phonetic")]
            "caverphone" => assert_eq!(caverphone(&case.a), case.value, "{}", case.at),
            #[cfg(feature = "phonetic")]
            "match_rating" => assert_eq!(match_rating(&case.a), case.value, "{}", case.at),
            #[cfg(not(feature = "phonetic"))]
            "double_metaphone" | "cologne" | "caverphone" | "match_rating" => {}
            other => panic!("{}: unknown metric {other}", case.at),
        }
    }
}
