/**
 * Runs benchmark programs and kernels as processes, one accelerator after the other, and makes
 * tables and JSON of what was measured. All accelerators are measured by the same method: the bytes
 * that a guest writes are timed as they arrive over a pipe. Nothing here prints. Start with {@code
 * Benchmark}.
 */
package org.quern.bench.run;
