/** What is printed when a guest dies: registers, exceptions, the page walk, the code at RIP. */
package org.quern.cli.report;
