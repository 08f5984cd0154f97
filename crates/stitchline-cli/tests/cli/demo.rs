use crate::program::Bench;

#[test]
fn the_demonstration_needs_nothing() {
    let bench = Bench::new();
    let text = bench.run(&["demo"]).good();
    for part in
        ["Ann Lee", "genesys/call-0013", "segment/seg-0001", "genesys/call-0002", "Bob Stone", "Carol Stone"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let story = bench.run(&["demo", "--json"]).json();
    assert_eq!(story["customer"]["name"], "Ann Lee");
}

#[test]
fn the_demonstration_takes_files_of_ones_own() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("exports")).unwrap();
    bench.write("exports/a.csv", "id,email,name\n1,ann.lee@example.com,Ann Lee\n");
    bench.write("exports/b.csv", "id,email,phone\n9,Ann.Lee@example.com,020 7946 0123\n");
    let text = bench.run(&["demo", bench.path("exports").to_str().unwrap()]).good();
    assert!(text.contains("Ann Lee") && text.contains("b/9"), "{text}");
    assert!(!bench.path("test.stitchline").exists());
}
