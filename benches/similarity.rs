//! String comparators on made-up names and streets: metric/form/set.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use stitchline::similarity::*;

#[path = "common/texts.rs"]
mod texts;
use texts::texts;

fn similarity(c: &mut Criterion) {
    for (set, least, most) in [("names", 3, 10), ("streets", 15, 25)] {
        let (a, b) = (texts(1000, least, most), texts(1009, least, most).split_off(9));
        let pairs: Vec<(&str, &str)> = a.iter().zip(&b).map(|(a, b)| (&**a, &**b)).collect();
        let expected: f64 = pairs.iter().map(|(a, b)| strsim::jaro_winkler(a, b)).sum();
        let block: Block = b.iter().map(|text| Prepared::new(text)).collect();
        let query = Prepared::new(&a[0]);
        let mut scores = vec![Similarity::ZERO; pairs.len()];
        let mut distances = vec![Distance::ZERO; pairs.len()];
        let mut batch = PairBatch::new();

        let mut group = c.benchmark_group("similarity");
        group.throughput(Throughput::Elements(pairs.len() as u64));
        group.bench_function(format!("jaro_winkler/two at a time/{set}"), |bench| {
            bench.iter(|| {
                let sum: f64 = pairs.iter().map(|(a, b)| jaro_winkler(a, b).get()).sum();
                assert_eq!(sum, expected);
            });
        });
        group.bench_function(format!("jaro_winkler/independent pairs/{set}"), |bench| {
            bench.iter(|| batch.jaro_winkler(black_box(&pairs), None, &mut scores));
            assert_eq!(scores.iter().map(|score| score.get()).sum::<f64>(), expected);
        });
        group.bench_function(format!("jaro_winkler/one against many/{set}"), |bench| {
            bench.iter(|| block.jaro_winkler(black_box(&query), None, &mut scores));
            assert_eq!(scores[1], jaro_winkler(&a[0], &b[1]));
        });
        group.bench_function(format!("levenshtein/two at a time/{set}"), |bench| {
            bench.iter(|| pairs.iter().map(|(a, b)| u64::from(levenshtein(a, b).get())).sum::<u64>());
        });
        group.bench_function(format!("levenshtein/one against many/{set}"), |bench| {
            bench.iter(|| block.levenshtein(black_box(&query), None, &mut distances));
            assert_eq!(distances[1], levenshtein(&a[0], &b[1]));
        });
        group.bench_function(format!("block/build/{set}"), |bench| {
            let members: Vec<Prepared> = b.iter().map(|text| Prepared::new(text)).collect();
            bench.iter(|| members.iter().cloned().collect::<Block>().len());
        });
        group.finish();
    }
}

criterion_group!(benches, similarity);
criterion_main!(benches);
