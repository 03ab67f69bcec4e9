/**
 * Cases in which an engine once differed from a real processor, with that processor's results:
 * {@code quern difftest} finds and reduces them. They need no KVM.
 */
package org.quern.tests.difftest;
