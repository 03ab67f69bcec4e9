/** kvm-unit-tests: what its configuration says, and running it. Start with {@code KvmUnitTests}. */
package org.quern.cli.suite.kvmunit;
