/**
 * The guest programs of the benchmark and the bytes they report by. Their sources are the {@code
 * .asm} files among the resources of this package; {@code runtime.asm} is what all begin with.
 * Nothing here starts a process. Start with {@code BenchProgram}.
 */
package org.quern.bench.program;
