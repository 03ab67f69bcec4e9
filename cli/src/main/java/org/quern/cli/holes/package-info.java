/**
 * {@code quern holes}: what becomes of sensitive instructions when a kernel does not run in ring 0,
 * and how each way to run it copes. {@link org.quern.cli.holes.Probes} lists the instructions,
 * {@link org.quern.cli.holes.GuestKernel} is the kernel around one of them, {@link
 * org.quern.cli.holes.Classical} runs it in an outer ring by trap and emulate, {@link
 * org.quern.cli.holes.Direct} in ring 0 under an accelerator.
 */
package org.quern.cli.holes;
