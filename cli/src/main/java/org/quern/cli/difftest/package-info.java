/**
 * {@code quern difftest}: instructions on the real processor, through KVM, and on our engines.
 * Start with {@code harness.asm} (the guest that all of them run) and {@link
 * org.quern.cli.difftest.Layout}; then {@link org.quern.cli.difftest.Campaign}.
 */
package org.quern.cli.difftest;
