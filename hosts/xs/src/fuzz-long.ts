// SPDX-License-Identifier: Apache-2.0
import { fuzzOnEngine } from "./support/fuzz-run.js";

export default function run(): void {
	fuzzOnEngine(10_000);
}
