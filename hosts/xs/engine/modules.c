// SPDX-License-Identifier: Apache-2.0
// Module names and their sources. As on the board a module has a name, relative imports are resolved against the name
// of the importer, and a trailing ".js" of a specifier does not count.
#include "engine.h"

enum { maximumPrefixes = 8, maximumReplaced = 16, maximumName = 1024 };

extern void fxRemapIDs(txMachine* the, txByte* codeBuffer, txSize codeSize, txID* theIDs);

static const char* moduleRoot = ".";
static struct { const char* prefix; const char* folder; } prefixes[maximumPrefixes];
static int prefixCount;
static struct { const char* name; const char* path; } replaced[maximumReplaced];
static int replacedCount;
static size_t codeSize;

void setModuleRoot(const char* root)
{
	moduleRoot = root;
}

void addModulePrefix(const char* prefix, const char* folder)
{
	if (prefixCount == maximumPrefixes) {
		fprintf(stderr, "too many module prefixes\n");
		exit(2);
	}
	prefixes[prefixCount].prefix = prefix;
	prefixes[prefixCount++].folder = folder;
}

void replaceModule(const char* name, const char* path)
{
	if (replacedCount == maximumReplaced) {
		fprintf(stderr, "too many replaced modules\n");
		exit(2);
	}
	replaced[replacedCount].name = name;
	replaced[replacedCount++].path = path;
}

size_t parsedCodeSize(void)
{
	return codeSize;
}

static void dropLastSegment(char* name)
{
	char* slash = strrchr(name, '/');
	if (slash) *slash = 0;
	else name[0] = 0;
}

// Resolves `specifier`, relative to the module called `importer`, into `name`. False when it leaves the tree of names.
static bool resolveName(const char* specifier, const char* importer, char* name, size_t size)
{
	const char* rest = specifier;
	name[0] = 0;
	if (rest[0] == '.') {
		if (strlen(importer) >= size) return false;
		strcpy(name, importer);
		dropLastSegment(name);
		for (;;) {
			if (!strncmp(rest, "./", 2)) rest += 2;
			else if (!strncmp(rest, "../", 3)) {
				if (!name[0]) return false;
				dropLastSegment(name);
				rest += 3;
			} else break;
		}
	}
	if (strlen(name) + strlen(rest) + 2 > size) return false;
	if (name[0]) strcat(name, "/");
	strcat(name, rest);
	size_t length = strlen(name);
	if (length > 3 && !strcmp(name + length - 3, ".js")) name[length - 3] = 0;
	return true;
}

static void toPath(const char* name, char* path, size_t size)
{
	for (int n = 0; n < prefixCount; n++) {
		size_t length = strlen(prefixes[n].prefix);
		if (!strncmp(name, prefixes[n].prefix, length) && name[length] == '/') {
			snprintf(path, size, "%s%s.js", prefixes[n].folder, name + length);
			return;
		}
	}
	for (int n = 0; n < replacedCount; n++) {
		if (!strcmp(name, replaced[n].name)) name = replaced[n].path;
	}
	snprintf(path, size, "%s/%s.js", moduleRoot, name);
}

txID fxFindModule(txMachine* the, txSlot* realm, txID moduleID, txSlot* slot)
{
	char specifier[maximumName], name[maximumName];
	(void)realm;
	fxToStringBuffer(the, slot, specifier, sizeof(specifier));
	const char* importer = moduleID == XS_NO_ID ? "" : fxGetKeyName(the, moduleID);
	if (!resolveName(specifier, importer, name, sizeof(name))) {
		fprintf(stderr, "module \"%s\" cannot be resolved from \"%s\"\n", specifier, importer);
		return XS_NO_ID;
	}
	return fxNewNameC(the, name);
}

// Length in octets of the byte code at `code`.
static size_t instructionSize(const txByte* code)
{
	txS1 size = gxCodeSizes[(txU1)code[0]];
	if (size > 0) return (size_t)size;
	switch (size) {
	case 0: // a key
		return 1 + sizeof(txID);
	case -1: // a string or number behind its length
		return 2 + (size_t)(txU1)code[1];
	case -2: {
		txU2 length;
		memcpy(&length, code + 1, sizeof(length));
		return 1 + sizeof(length) + length;
	}
	default: {
		txU4 length;
		memcpy(&length, code + 1, sizeof(length));
		return 1 + sizeof(length) + length;
	}
	}
}

// Does to fresh byte code what the linker of the board does: keys take the numbers of this machine, functions run
// where their code stands instead of copying it into the heap when they are created, and so do the strings of the sources.
// The code is never freed.
static void placeInFlash(txMachine* the, txScript* script)
{
	if (script->symbolsBuffer) {
		txByte* symbol = script->symbolsBuffer;
		txID count;
		mxDecodeID(symbol, count);
		txID* keys = malloc((size_t)count * sizeof(txID));
		if (!keys) fxAbort(the, XS_NOT_ENOUGH_MEMORY_EXIT);
		keys[0] = XS_NO_ID;
		for (txID n = 1; n < count; n++) {
			keys[n] = fxNewNameC(the, (txString)symbol);
			symbol += strlen((char*)symbol) + 1;
		}
		fxRemapIDs(the, script->codeBuffer, script->codeSize, keys);
		free(keys);
		free(script->symbolsBuffer);
		script->symbolsBuffer = NULL;
	}
	txByte* end = script->codeBuffer + script->codeSize;
	for (txByte* code = script->codeBuffer; code < end; code += instructionSize(code)) {
		switch ((txU1)code[0]) {
		case XS_CODE_CODE_1: code[0] = (txByte)XS_CODE_CODE_ARCHIVE_1; break;
		case XS_CODE_CODE_2: code[0] = (txByte)XS_CODE_CODE_ARCHIVE_2; break;
		case XS_CODE_CODE_4: code[0] = (txByte)XS_CODE_CODE_ARCHIVE_4; break;
		case XS_CODE_STRING_1: code[0] = (txByte)XS_CODE_STRING_ARCHIVE_1; break;
		case XS_CODE_STRING_2: code[0] = (txByte)XS_CODE_STRING_ARCHIVE_2; break;
		case XS_CODE_STRING_4: code[0] = (txByte)XS_CODE_STRING_ARCHIVE_4; break;
		default: break;
		}
	}
}

void fxLoadModule(txMachine* the, txSlot* module, txID moduleID)
{
	char path[2 * maximumName];
	txParser parser;
	txParserJump jump;
	txScript* volatile script = NULL; // set between setjmp and longjmp
	toPath(fxGetKeyName(the, moduleID), path, sizeof(path));
	FILE* file = fopen(path, "r");
	if (!file) {
		fprintf(stderr, "module not found: %s\n", path);
		return;
	}
	fxInitializeParser(&parser, the, the->parserBufferSize, the->parserTableModulo);
	parser.firstJump = &jump;
	if (setjmp(jump.jmp_buf) == 0) {
		parser.path = fxNewParserSymbol(&parser, path);
		fxParserTree(&parser, file, (txGetter)fgetc, 0, NULL);
		fxParserHoist(&parser);
		fxParserBind(&parser);
		script = fxParserCode(&parser);
	}
	fclose(file);
	fxTerminateParser(&parser);
	if (script) {
		codeSize += (size_t)script->codeSize;
		placeInFlash(the, script);
		fxResolveModule(the, module, moduleID, script, C_NULL, C_NULL);
	}
}
