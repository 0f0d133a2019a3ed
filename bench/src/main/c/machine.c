/* The machine: made, freed, and what happens when the host refuses. */
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

struct machine machine;

/* The host's KVM, opened once. */
static struct { int fd; size_t run_size; struct { struct kvm_cpuid2 head; struct kvm_cpuid_entry2 list[256]; } cpuid; } kvm;

_Noreturn void fail(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    fputs("floor: ", stderr);
    vfprintf(stderr, format, values);
    fputs("\n", stderr);
    va_end(values);
    exit(1);
}

long must(long result, const char *what)
{
    if (result < 0) fail("%s: %s", what, strerror(errno));
    return result;
}

void *must_map(void *mapping, const char *what)
{
    if (mapping == MAP_FAILED) fail("%s: %s", what, strerror(errno));
    return mapping;
}

void *at(u64 gpa)
{
    return machine.memory + gpa;
}

void open_kvm(void)
{
    kvm.fd = (int)must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
    kvm.cpuid.head.nent = sizeof kvm.cpuid.list / sizeof *kvm.cpuid.list;
    must(ioctl(kvm.fd, KVM_GET_SUPPORTED_CPUID, &kvm.cpuid), "KVM_GET_SUPPORTED_CPUID");
    kvm.run_size = (size_t)must(ioctl(kvm.fd, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
}

void create_machine(void)
{
    machine.vm = (int)must(ioctl(kvm.fd, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    machine.memory = must_map(mmap(NULL, options.memory, PROT_READ | PROT_WRITE, flags, -1, 0), "guest memory");
    struct kvm_userspace_memory_region all = {.memory_size = options.memory, .userspace_addr = (u64)machine.memory};
    must(ioctl(machine.vm, KVM_SET_USER_MEMORY_REGION, &all), "KVM_SET_USER_MEMORY_REGION");
    machine.vcpu = (int)must(ioctl(machine.vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
    machine.run = must_map(mmap(NULL, kvm.run_size, PROT_READ | PROT_WRITE, MAP_SHARED, machine.vcpu, 0), "kvm_run");
    must(ioctl(machine.vcpu, KVM_SET_CPUID2, &kvm.cpuid), "KVM_SET_CPUID2");
}

void destroy_machine(void)
{
    munmap(machine.run, kvm.run_size);
    close(machine.vcpu);
    close(machine.vm);
    munmap(machine.memory, options.memory);
}
