// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Runs an ONNX model without inputs on ONNX Runtime's CPU provider, as the graph stands, and writes
// the elements of its one output.
//   node run_model.cjs NODE_MODULES MODEL OUTPUT
const fs = require('fs');
const path = require('path');

async function main() {
  const [modules, model, output] = process.argv.slice(2);
  const ort = require(path.join(modules, 'onnxruntime-node'));
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'disabled',
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const results = await session.run({});
  const data = results[session.outputNames[0]].data;
  fs.writeFileSync(output, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
