#!/usr/bin/env python3
"""Prints the table in src/listen/silero_fold.rs: for each `If` of silero_vad.onnx, the branch that 8 kHz sound takes.

Run once when the model changes:  pip install onnx onnxruntime numpy;  python3 branches.py silero_vad.onnx

The conditions depend on shapes only, so they are the same for every sound. The conditions of the outermost remaining
`If`s are made outputs of the graph, ONNX Runtime evaluates them on silence, the taken branches are inlined, and again.
"""
import sys

import numpy
import onnx
import onnxruntime

CONTEXT_AND_WINDOW = 32 + 256


def branch(node, name):
    return next(a.g for a in node.attribute if a.name == name)


def inline(graph, node, taken):
    """Puts the taken branch in place of the `If`, its outputs renamed to those of the `If`."""
    sub = branch(node, taken)
    rename = {inner.name: outer for inner, outer in zip(sub.output, node.output)}
    body = []
    for inner in sub.node:
        copy = onnx.NodeProto()
        copy.CopyFrom(inner)
        copy.output[:] = [rename.get(o, o) for o in copy.output]
        copy.input[:] = [rename.get(i, i) for i in copy.input]
        body.append(copy)
    nodes = [copy for other in graph.node for copy in (body if other.name == node.name else [other])]
    del graph.node[:]
    graph.node.extend(nodes)


def conditions(model, ifs):
    """What each condition is, on silence."""
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    del probe.graph.output[:]
    for node in ifs:
        probe.graph.output.append(onnx.helper.make_tensor_value_info(node.input[0], onnx.TensorProto.BOOL, None))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(probe.SerializeToString(), options, providers=["CPUExecutionProvider"])
    silence = {
        "input": numpy.zeros((1, CONTEXT_AND_WINDOW), numpy.float32),
        "state": numpy.zeros((2, 1, 128), numpy.float32),
        "sr": numpy.array(8000, numpy.int64),
    }
    feeds = {i.name: silence[i.name] for i in session.get_inputs()}
    return [bool(v.reshape(-1)[0]) for v in session.run(None, feeds)]


def main():
    model = onnx.load(sys.argv[1])
    while ifs := [n for n in model.graph.node if n.op_type == "If"]:
        for node, holds in zip(ifs, conditions(model, ifs)):
            taken = "then_branch" if holds else "else_branch"
            print(f'    ("{node.name}", "{taken}"),')
            inline(model.graph, node, taken)


main()
