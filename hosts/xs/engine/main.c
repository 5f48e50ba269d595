// SPDX-License-Identifier: Apache-2.0
// Runs one module on the XS engine with the memory of the board: a root machine evaluates the preloaded modules and
// becomes the flash, a clone with a bounded heap runs the main module's default export.
//
// usage: engine --root FOLDER [--map PREFIX=FOLDER]… [--replace MODULE=PATH]… --chunks OCTETS --slots N --stack N --keys INITIAL,INCREMENT
//               [--flash SECTORS] [--list-writable 1] [--preload MODULE]… --main MODULE
#include "engine.h"

typedef struct {
	int chunks, slots, stack, keysInitial, keysIncrement, flashSectors, listWritable;
	const char** preload;
	int preloadCount;
	const char* main;
} Options;

enum { exitUsage = 2, exitException = 3, exitAbort = 10 };

// Enough for any preload; the board does this at link time, on a desktop.
static xsCreation rootCreation = {
	.initialChunkSize = 4 << 20,
	.incrementalChunkSize = 1 << 20,
	.initialHeapCount = 1 << 17,
	.incrementalHeapCount = 1 << 14,
	.stackCount = 8192,
	.initialKeyCount = 8192,
	.incrementalKeyCount = 1024,
	.nameModulo = 127,
	.symbolModulo = 127,
	.parserBufferSize = 1 << 20,
	.parserTableModulo = 1993,
};

void fxAbort(txMachine* the, int status)
{
	static const char* const reasons[] = { "debugger", "memory full", "stack overflow", "fatal check", "dead strip",
		"unhandled exception", "no more keys", "too much computation", "unhandled rejection" };
	const char* reason = status >= 0 && status < (int)(sizeof(reasons) / sizeof(reasons[0])) ? reasons[status] : "unknown";
	fflush(stdout);
	reportNumber("figure", "slots.atAbort", the->currentHeapCount);
	reportNumber("figure", "chunks.atAbort", the->currentChunksSize);
	reportText("abort", the->sharedMachine ? "app" : "preload", reason);
	_exit(exitAbort + status);
}

void fxQueuePromiseJobs(txMachine* the)
{
	the->hasPromiseJobs = 1;
}

static void runPromiseJobs(txMachine* the)
{
	while (the->hasPromiseJobs) {
		the->hasPromiseJobs = 0;
		fxRunPromiseJobs(the);
	}
	fxEndJob(the);
}

// Imports `name`, and calls its default export when `isMain`. False after an exception, which is reported.
static bool runModule(xsMachine* machine, const char* name, bool isMain)
{
	volatile bool succeeded = true;
	xsBeginHost(machine);
	{
		xsmcVars(1);
		xsTry {
			xsVar(0) = xsAwaitImport((char*)name, isMain ? XS_IMPORT_DEFAULT : XS_IMPORT_NAMESPACE);
			runPromiseJobs(the);
			if (isMain) {
				if (xsmcTypeOf(xsVar(0)) != xsReferenceType || !xsmcIsCallable(xsVar(0))) xsTypeError("no default function");
				xsVar(0) = xsCallFunction0(xsVar(0), xsGlobal);
				runPromiseJobs(the);
			}
		}
		xsCatch {
			succeeded = false;
			fflush(stdout);
			reportText("exception", name, xsmcToString(xsException));
		}
	}
	xsEndHost(machine);
	return succeeded;
}

// The engine keeps no count of it: what it has not reached still holds the paint.
static const unsigned char paint = 0xa5;

static void paintStack(xsMachine* machine)
{
	txMachine* the = machine;
	memset(the->stackBottom, paint, (size_t)((char*)the->stack - (char*)the->stackBottom));
}

// From the top on: the engine also uses the free end as a scratch pad, to write and to read numbers.
static double countUsedStack(xsMachine* machine)
{
	txMachine* the = machine;
	txSlot untouched;
	memset(&untouched, paint, sizeof(txSlot));
	txSlot* lowest = the->stackTop;
	while (lowest > the->stackBottom && memcmp(lowest - 1, &untouched, sizeof(txSlot))) lowest--;
	return (double)(the->stackTop - lowest);
}

static void reportMachine(xsMachine* machine)
{
	txMachine* the = machine;
	double computrons = countComputrons(machine);
	double peakSlots = the->peakHeapCount, peakChunks = the->peakChunksSize;
	fxCollectGarbage(the);
	reportNumber("figure", "end.slots", the->currentHeapCount);
	reportNumber("figure", "end.chunks", the->currentChunksSize);
	reportNumber("figure", "peak.slots", peakSlots);
	reportNumber("figure", "peak.chunks", peakChunks);
	reportNumber("figure", "peak.stack", countUsedStack(machine));
	reportNumber("figure", "keys", the->keyIndex - the->keyOffset);
	reportNumber("figure", "aliases", the->aliasCount);
	reportNumber("figure", "computrons", computrons);
	reportNumber("figure", "codeSize", (double)parsedCodeSize());
}

static int toCount(const char* text)
{
	char* end;
	long value = strtol(text, &end, 10);
	if (end == text || *end || value < 0 || value > 1 << 28) {
		fprintf(stderr, "not a count: %s\n", text);
		exit(exitUsage);
	}
	return (int)value;
}

// Cuts "left=right" in two and returns the right half.
static char* cutAt(char* text, char separator)
{
	char* at = strchr(text, separator);
	if (!at) {
		fprintf(stderr, "'%c' expected in %s\n", separator, text);
		exit(exitUsage);
	}
	*at = 0;
	return at + 1;
}

static void parseOptions(int count, char** arguments, Options* options)
{
	options->preload = calloc((size_t)count, sizeof(char*));
	if (!options->preload) exit(exitUsage);
	for (int n = 1; n + 1 < count; n += 2) {
		const char* name = arguments[n];
		char* value = arguments[n + 1];
		if (!strcmp(name, "--root")) setModuleRoot(value);
		else if (!strcmp(name, "--map")) {
			const char* folder = cutAt(value, '=');
			addModulePrefix(value, folder);
		} else if (!strcmp(name, "--replace")) {
			const char* path = cutAt(value, '=');
			replaceModule(value, path);
		} else if (!strcmp(name, "--chunks")) options->chunks = toCount(value);
		else if (!strcmp(name, "--slots")) options->slots = toCount(value);
		else if (!strcmp(name, "--stack")) options->stack = toCount(value);
		else if (!strcmp(name, "--keys")) {
			options->keysIncrement = toCount(cutAt(value, ','));
			options->keysInitial = toCount(value);
		} else if (!strcmp(name, "--flash")) options->flashSectors = toCount(value);
		else if (!strcmp(name, "--list-writable")) options->listWritable = toCount(value);
		else if (!strcmp(name, "--preload")) options->preload[options->preloadCount++] = value;
		else if (!strcmp(name, "--main")) options->main = value;
		else {
			fprintf(stderr, "unknown option %s\n", name);
			exit(exitUsage);
		}
	}
	if (!options->main || !options->chunks || !options->slots || !options->stack) {
		fprintf(stderr, "--main, --chunks, --slots and --stack are needed\n");
		exit(exitUsage);
	}
}

int main(int count, char** arguments)
{
	Options options = { 0 };
	parseOptions(count, arguments, &options);
	openReport();
	createFlash((size_t)options.flashSectors);
	fxInitializeSharedCluster();

	xsMachine* root = xsCreateMachine(&rootCreation, "root", NULL);
	if (!root) return exitUsage;
	addHostFunctions(root);
	addNatives(root);
	for (int n = 0; n < options.preloadCount; n++)
		if (!runModule(root, options.preload[n], false)) return exitException;
	fxCollectGarbage(root);
	lockHeap(root);
	reportNumber("figure", "flash.slots", root->currentHeapCount);
	reportNumber("figure", "flash.chunks", root->currentChunksSize);
	xsShareMachine(root);
	placeChunks(root);
	reportNumber("figure", "flash.writable", countWritable(root, options.listWritable != 0));

	xsCreation creation = rootCreation;
	creation.initialChunkSize = options.chunks;
	creation.incrementalChunkSize = 0;
	creation.initialHeapCount = options.slots;
	creation.incrementalHeapCount = 0;
	creation.stackCount = options.stack;
	creation.initialKeyCount = options.keysInitial;
	creation.incrementalKeyCount = options.keysIncrement;
	xsMachine* app = xsCloneMachine(&creation, root, "app", NULL);
	if (!app) return exitUsage;
	reportNumber("figure", "slotSize", sizeof(txSlot));
	allowHostFunctions();
	paintStack(app);
	fxBeginMetering(app, NULL, 0);
	bool succeeded = runModule(app, options.main, true);
	reportSpans();
	reportMachine(app);
	fflush(stdout);
	reportText("end", options.main, succeeded ? "done" : "failed");
	return succeeded ? 0 : exitException;
}
