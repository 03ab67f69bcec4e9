/** The rules of the module tree, held by ArchUnit over the compiled classes. */
package org.quern.tests.architecture;
