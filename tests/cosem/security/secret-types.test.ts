// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import ts from "typescript";

const secretName = /(^|[a-z])(key|secret|password|challenge)$/i;

/** Names of secrets in the firmware whose type holds a string. */
function secretsInStrings(): string[] {
	const { config } = ts.readConfigFile("tsconfig.src.json", ts.sys.readFile);
	const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, ".");
	const program = ts.createProgram(fileNames, options);
	const checker = program.getTypeChecker();
	const found: string[] = [];
	let seen = 0;
	const visit = (node: ts.Node): void => {
		const isNamed =
			ts.isVariableDeclaration(node) ||
			ts.isParameter(node) ||
			ts.isPropertyDeclaration(node) ||
			ts.isPropertySignature(node);
		if (isNamed && secretName.test(node.name.getText())) {
			seen++;
			const type = checker.getTypeAtLocation(node);
			const parts = type.isUnion() ? type.types : [type];
			if (parts.some(({ flags }) => (flags & ts.TypeFlags.StringLike) !== 0)) {
				found.push(`${node.getSourceFile().fileName}: ${node.name.getText()}`);
			}
		}
		ts.forEachChild(node, visit);
	};
	for (const source of program.getSourceFiles()) if (/\/src\//.test(source.fileName)) visit(source);
	assert.ok(seen > 100, `${seen} names looked at`);
	return found;
}

describe("secrets of the firmware", () => {
	it("SEC-zero: stand in octet arrays, never in strings, which cannot be overwritten", () => {
		assert.deepEqual(secretsInStrings(), []);
	});
});
