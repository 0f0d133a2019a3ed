package jukvm.tests.project;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The fences between the modules, for those who run on the class path. */
@AnalyzeClasses(packages = "jukvm", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule ONLY_LIBC_KNOWS_A_NATIVE_BINDING =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("jukvm.libc")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("com.sun.jna..", "jnr..", "com.kenai..", "sun.misc..");

    @ArchTest
    static final ArchRule NO_ADDRESS_LEAVES_NATIVE_STUBS =
            classes()
                    .that()
                    .resideInAPackage("jukvm.libc")
                    .should()
                    .onlyBeAccessed()
                    .byAnyPackage(
                            "jukvm.libc",
                            "jukvm.kvm",
                            "jukvm.memory",
                            "jukvm.io",
                            "jukvm.block",
                            "jukvm.net",
                            "jukvm.stream",
                            "jukvm.process",
                            "jukvm.sandbox",
                            "jukvm.daemon");

    @ArchTest
    static final ArchRule HYPERCALLS_DO_NOT_KNOW_KVM =
            noClasses()
                    .that()
                    .resideInAnyPackage(
                            "jukvm.abi", "jukvm.call", "jukvm.hypercall", "jukvm.device")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("jukvm.kvm", "jukvm.x86", "jukvm.image", "jukvm.guest");

    @ArchTest
    static final ArchRule THE_LIBRARY_DOES_NOT_KNOW_THE_COMMAND =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("jukvm.cli..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("jukvm.cli..", "picocli..", "com.fasterxml..");

    @ArchTest
    static final ArchRule ONLY_THE_COMMAND_ENDS_THE_PROCESS =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("jukvm.cli..")
                    .should()
                    .callMethod(System.class, "exit", int.class)
                    .orShould()
                    .callMethod(Runtime.class, "halt", int.class);

    @ArchTest
    static final ArchRule NO_PACKAGE_POINTS_BACK =
            slices().matching("jukvm.(**)").should().beFreeOfCycles();
}
