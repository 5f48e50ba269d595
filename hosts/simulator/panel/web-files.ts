// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

const folder = fileURLToPath(new URL("./web/", import.meta.url));

/** Bare names that the page imports. All of them are served from here: the page never asks another host. */
const libraries = Object.freeze({
	preact: "preact",
	"preact/hooks": "preact/hooks",
	htm: "htm",
	echarts: "echarts/dist/echarts.esm.min",
});

/** Import map and page, with the policy that allows just this one map as inline script. */
export interface Page {
	readonly html: string;
	readonly contentSecurityPolicy: string;
}

function libraryUrl(name: string): string {
	return `/library/${name.replace("/", "-")}.js`;
}

/** Reads the page and puts the import map in. */
export function readPage(): Page {
	const imports = Object.fromEntries(Object.keys(libraries).map((name) => [name, libraryUrl(name)]));
	const importMap = JSON.stringify({ imports });
	const html = readFileSync(`${folder}index.html`, "utf8").replace(
		"</head>",
		`<script type="importmap">${importMap}</script>\n</head>`,
	);
	const hash = createHash("sha256").update(importMap).digest("base64");
	const contentSecurityPolicy = [
		"default-src 'none'",
		`script-src 'self' 'sha256-${hash}'`,
		"style-src 'self' 'unsafe-inline'", // charts write style attributes
		"img-src 'self' data:",
		"connect-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	].join("; ");
	return { html, contentSecurityPolicy };
}

/** Turns the page's sources into JavaScript when they are asked for, once. */
class Transpiler {
	readonly #scripts = new Map<string, Promise<string>>();

	/** @returns undefined for a name that is not a source of the page */
	script(name: string): Promise<string> | undefined {
		if (!/^[a-z][a-z0-9-]*$/.test(name)) return undefined;
		let script = this.#scripts.get(name);
		if (script !== undefined) return script;
		let source: string;
		try {
			source = readFileSync(`${folder}${name}.ts`, "utf8");
		} catch {
			return undefined;
		}
		script = transpile(source);
		this.#scripts.set(name, script);
		return script;
	}
}

async function transpile(source: string): Promise<string> {
	const { default: typescript } = await import("typescript");
	const { ModuleKind, ScriptTarget } = typescript;
	const compilerOptions = { target: ScriptTarget.ES2022, module: ModuleKind.ES2022, verbatimModuleSyntax: true };
	return typescript.transpileModule(source, { compilerOptions }).outputText;
}

/** The page, its style, its scripts and the libraries they import. */
export async function webFiles(app: FastifyInstance): Promise<void> {
	const page = readPage();
	const transpiler = new Transpiler();
	await app.register(fastifyStatic, { root: folder, serve: false });
	app.get("/", { schema: { hide: true } }, (_request, reply) =>
		reply
			.header("content-security-policy", page.contentSecurityPolicy)
			.type("text/html; charset=utf-8")
			.send(page.html),
	);
	for (const asset of ["style.css", "icon.svg"]) {
		app.get(`/${asset}`, { schema: { hide: true } }, (_request, reply) => reply.sendFile(asset));
	}
	app.get<{ Params: { name: string } }>("/app/:name.js", { schema: { hide: true } }, async (request, reply) => {
		const script = transpiler.script(request.params.name);
		if (script === undefined) return reply.callNotFound();
		return reply.type("text/javascript; charset=utf-8").send(await script);
	});
	for (const [name, specifier] of Object.entries(libraries)) {
		const path = fileURLToPath(import.meta.resolve(specifier));
		app.get(libraryUrl(name), { schema: { hide: true } }, (_request, reply) =>
			reply.sendFile(basename(path), dirname(path)),
		);
	}
}
