//! Models from files, ours or Splink's, with all that scoring by them takes.

use crate::{
    failure::{Done, Failure},
    files,
};
use serde::{Deserialize, de::IgnoredAny};
use std::{path::Path, sync::Arc};
use stitchline::{
    compare::CustomTest,
    link::{Dedupe, Spec},
    model::Model,
    splink,
    table::Table,
};

/// A model that was read.
pub(crate) struct Loaded {
    pub(crate) model: Model,
    /// What a model of Splink says beside its probabilities.
    pub(crate) spec: Option<Spec>,
    /// The column of ids that a model of Splink names.
    pub(crate) id_column: Option<String>,
    /// What the reader should know.
    pub(crate) notes: Vec<String>,
    tests: Vec<(String, Arc<dyn CustomTest>)>,
}

impl Loaded {
    /// Reads a model, whichever of both forms it has.
    pub(crate) fn read(path: &Path) -> Done<Self> {
        let about = |error: stitchline::Error| Failure::from(error).about(path.display());
        let text = files::text(path)?;
        let (model, spec, id_column, notes) = if is_splink(&text) {
            let imported = splink::import(&text).map_err(about)?;
            (imported.model, Some(imported.spec), Some(imported.id_column), imported.notes)
        } else {
            (Model::from_json(&text).map_err(about)?, None, None, Vec::new())
        };
        let tests = splink::custom_tests(&model).map_err(about)?;
        Ok(Loaded { model, spec, id_column, notes, tests })
    }

    /// A run that scores by this model.
    pub(crate) fn score(self, mut dedupe: Dedupe) -> Dedupe {
        for (name, test) in self.tests {
            dedupe = dedupe.custom(name, move |table: &Table, a: u32, b: u32| test.holds(table, a, b));
        }
        dedupe.model(self.model)
    }
}

/// Whether a file is a model of Splink.
fn is_splink(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Head {
        link_type: Option<IgnoredAny>,
        version: Option<IgnoredAny>,
    }
    serde_json::from_str::<Head>(text).is_ok_and(|head| head.link_type.is_some() && head.version.is_none())
}

/// Reads a spec.
pub(crate) fn spec(path: &Path) -> Done<Spec> {
    Spec::from_toml(&files::text(path)?).map_err(|error| Failure::from(error).about(path.display()))
}

/// Whether a file is a model, by its name and its first words.
pub(crate) fn is_model(path: &Path) -> bool {
    #[derive(Deserialize)]
    struct Head {
        #[serde(rename = "comparisons")]
        _comparisons: IgnoredAny,
    }
    let named = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
    named && std::fs::read_to_string(path).is_ok_and(|text| serde_json::from_str::<Head>(&text).is_ok())
}
