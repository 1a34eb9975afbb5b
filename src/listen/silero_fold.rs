//! Makes the stock Silero graph one that the inference engine can load.
//!
//! In:  the parsed `silero_vad.onnx`: two networks (8 and 16 kHz) behind a nested `If`, chosen by an input `sr`. The
//!      engine types both branches of every `If`, and these disagree in rank, so the file does not load as it is.
//! Out: the 8 kHz network alone: no `If`, no `sr`, inputs of fixed shape.
//! Pure; runs once at start. It never changes a weight.

use std::collections::HashSet;

use tract_onnx::pb::{GraphProto, ModelProto, NodeProto};

/// Which branch 8 kHz sound takes at each `If`. The conditions depend on shapes only; `models/silero/branches.py` found
/// them with ONNX Runtime and prints this table.
const BRANCHES: [(&str, &str); 7] = [
    ("If_0", "else_branch"),
    ("If_0_else_branch__Inline_0__/decoder/If", "then_branch"),
    ("If_0_else_branch__Inline_0__/decoder/If_1", "then_branch"),
    ("If_0_else_branch__Inline_0__/If", "then_branch"),
    ("If_0_else_branch__Inline_0__/decoder/rnn/If", "else_branch"),
    ("If_0_else_branch__Inline_0__/decoder/rnn/If_1", "else_branch"),
    ("If_0_else_branch__Inline_0__/decoder/rnn/If_4", "else_branch"),
];

/// The rate is no longer an input once its branch is chosen.
const RATE_INPUT: &str = "sr";

/// The graph is not the one that [`BRANCHES`] describes.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// There is no graph in the model.
    #[error("the model holds no graph")]
    NoGraph,
    /// An `If` that the table does not know.
    #[error("no branch is known for the node {node}")]
    UnknownIf {
        /// The node's name.
        node: String,
    },
    /// The `If` lacks the branch, or the branch has another number of outputs than the `If`.
    #[error("the branch {branch} of the node {node} is not as expected")]
    Branch {
        /// The node's name.
        node: String,
        /// The branch's name.
        branch: &'static str,
    },
}

/// Replaces every `If` by the branch that 8 kHz sound takes, and drops what is then unused.
///
/// # Errors
/// [`FoldError`] if the graph is not that of the one supported file.
pub fn fold(model: &mut ModelProto) -> Result<(), FoldError> {
    let graph = model.graph.as_mut().ok_or(FoldError::NoGraph)?;
    // A branch may hold further `If`s: they come to the surface when it is put in place. Each pass removes one level,
    // and a table of seven names cannot be nested deeper than seven.
    for _ in &BRANCHES {
        let nodes = std::mem::take(&mut graph.node);
        for node in nodes {
            if node.op_type == "If" { graph.node.extend(taken_branch(node)?) } else { graph.node.push(node) }
        }
    }
    if let Some(node) = graph.node.iter().find(|node| node.op_type == "If") {
        return Err(FoldError::UnknownIf { node: node.name.clone() });
    }
    drop_unused_nodes(graph);
    graph.input.retain(|input| input.name != RATE_INPUT);
    // Declared shapes of intermediate values name symbols of the general graph.
    graph.value_info.clear();
    Ok(())
}

/// The nodes of the branch taken, their outputs renamed to those of the `If`.
fn taken_branch(node: NodeProto) -> Result<Vec<NodeProto>, FoldError> {
    let Some(&(_, branch)) = BRANCHES.iter().find(|(name, _)| *name == node.name) else {
        return Err(FoldError::UnknownIf { node: node.name });
    };
    let taken = node.attribute.into_iter().find(|a| a.name == branch).and_then(|a| a.g);
    let Some(taken) = taken.filter(|g| g.output.len() == node.output.len() && g.initializer.is_empty()) else {
        return Err(FoldError::Branch { node: node.name, branch });
    };
    let renamed = |name: &mut String| {
        if let Some((_, outer)) = taken.output.iter().zip(&node.output).find(|(inner, _)| inner.name == *name) {
            name.clone_from(outer);
        }
    };
    let mut nodes = taken.node;
    for node in &mut nodes {
        node.input.iter_mut().for_each(renamed);
        node.output.iter_mut().for_each(renamed);
    }
    Ok(nodes)
}

/// Keeps the nodes that an output depends on. In ONNX a node stands after those whose outputs it reads.
fn drop_unused_nodes(graph: &mut GraphProto) {
    let mut needed: HashSet<String> = graph.output.iter().map(|output| output.name.clone()).collect();
    let mut kept = Vec::with_capacity(graph.node.len());
    for node in std::mem::take(&mut graph.node).into_iter().rev() {
        if node.output.iter().any(|name| needed.contains(name)) {
            needed.extend(node.input.iter().cloned());
            kept.push(node);
        }
    }
    kept.reverse();
    graph.node = kept;
}

#[cfg(test)]
mod tests {
    use tract_onnx::pb::{AttributeProto, ValueInfoProto};

    use super::*;

    #[test]
    fn the_branch_taken_stands_in_place_of_the_if_and_the_rest_is_gone() {
        let mut model = model_with(vec![
            node("Equal", "Equal_0", &["sr"], &["condition"]),
            chooser("If_0", vec![node("Relu", "taken", &["input"], &["inner"])]),
            node("Identity", "last", &["chosen"], &["output"]),
        ]);

        fold(&mut model).unwrap();

        let graph = model.graph.unwrap();
        let names: Vec<_> = graph.node.iter().map(|n| n.name.as_str()).collect();
        assert_eq!(names, ["taken", "last"]);
        assert_eq!(graph.node[0].output, ["chosen"]);
        assert_eq!(graph.input.iter().map(|i| i.name.as_str()).collect::<Vec<_>>(), ["input"]);
    }

    #[test]
    fn an_if_that_the_table_does_not_know_is_refused() {
        let mut model = model_with(vec![chooser("If_7", vec![])]);
        assert_eq!(fold(&mut model), Err(FoldError::UnknownIf { node: "If_7".to_owned() }));
    }

    #[test]
    fn an_if_without_its_branch_is_refused() {
        let mut model = model_with(vec![node("If", "If_0", &["condition"], &["chosen"])]);
        assert_eq!(fold(&mut model), Err(FoldError::Branch { node: "If_0".to_owned(), branch: "else_branch" }));
        assert_eq!(fold(&mut ModelProto::default()), Err(FoldError::NoGraph));
    }

    fn node(op: &str, name: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
        let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        NodeProto {
            op_type: op.to_owned(),
            name: name.to_owned(),
            input: owned(inputs),
            output: owned(outputs),
            ..NodeProto::default()
        }
    }

    fn chooser(name: &str, nodes: Vec<NodeProto>) -> NodeProto {
        let branch = GraphProto { node: nodes, output: vec![value("inner")], ..GraphProto::default() };
        let attribute = AttributeProto { name: "else_branch".to_owned(), g: Some(branch), ..AttributeProto::default() };
        NodeProto { attribute: vec![attribute], ..node("If", name, &["condition"], &["chosen"]) }
    }

    fn value(name: &str) -> ValueInfoProto {
        ValueInfoProto { name: name.to_owned(), ..ValueInfoProto::default() }
    }

    fn model_with(nodes: Vec<NodeProto>) -> ModelProto {
        let graph = GraphProto {
            node: nodes,
            input: vec![value("input"), value("sr")],
            output: vec![value("output")],
            ..GraphProto::default()
        };
        ModelProto { graph: Some(graph), ..ModelProto::default() }
    }
}
