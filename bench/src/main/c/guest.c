/* The guest in memory: its image, the tables of pages and segments, and the registers it starts with. */
#include "floor.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct guest guest;

struct boot_info { u64 memory, image_end, tsc_hz, command_line, manifest; u32 host_features, guest_features; u64 net_ring; };

/* Returns the page-table entry of a page, in a region that has a table: the first, and at level 3 those of the image. */
static u64 *page_entry(u64 gpa)
{
    u64 table = gpa < REGION ? PT : TABLES + (gpa / REGION - 1) * PAGE;
    return (u64 *)at(table) + gpa / PAGE % 512;
}

/* Guest-virtual is guest-physical. What is not part of a segment is data. */
static void map_memory(void)
{
    bool user = options.ring == 3;
    u64 link = PRESENT | WRITE | (user ? USER : 0), data = link | (user ? NO_EXECUTE : 0);
    *(u64 *)at(PML4) = PDPT | link;
    *(u64 *)at(PDPT) = PD | link;
    u64 *directory = at(PD);
    directory[0] = PT | link;
    for (u64 gpa = PAGE; gpa < REGION; gpa += PAGE) {
        u64 rights = gpa >= IMAGE ? data : user ? PRESENT | WRITE : 0;
        if (gpa >= BOOT_INFO && gpa < TABLES) rights = PRESENT | (user ? USER | NO_EXECUTE : 0);
        *page_entry(gpa) = rights ? gpa | rights : 0;
    }
    for (u64 region = REGION; region < options.memory; region += REGION) {
        bool paged = user && region < guest.image_end;
        directory[region / REGION] = paged ? (TABLES + (region / REGION - 1) * PAGE) | link : region | data | LARGE;
        for (u64 gpa = region; paged && gpa < region + REGION; gpa += PAGE) *page_entry(gpa) = gpa | data;
    }
}

static void map_segment(const Elf64_Phdr *segment)
{
    u64 rights = PRESENT | USER | (segment->p_flags & PF_W ? WRITE : 0) | (segment->p_flags & PF_X ? 0 : NO_EXECUTE);
    for (u64 gpa = segment->p_vaddr & ~(PAGE - 1); gpa < segment->p_vaddr + segment->p_memsz; gpa += PAGE)
        *page_entry(gpa) = gpa | rights;
}

static void read_at(int file, void *to, size_t size, u64 offset)
{
    if (pread(file, to, size, (off_t)offset) != (ssize_t)size) fail("%s: cannot read %zu bytes at %llu", options.guest, size,
                                                                   (unsigned long long)offset);
}

/* Copies the manifest out of a note, if it is that one; returns whether it is. */
static bool take_manifest(int file, const Elf64_Phdr *segment)
{
    enum { HEADER = 12, NAME = 8, PADDING = 4, ROOM = 4096 };
    u8 note[ROOM];
    size_t start = HEADER + NAME + PADDING;
    if (segment->p_filesz <= start || segment->p_filesz > ROOM - (MANIFEST - BOOT_INFO)) return false;
    read_at(file, note, segment->p_filesz, segment->p_offset);
    if (memcmp(note + 8, "MFT1Solo5", 10) != 0) return false;
    memcpy(at(MANIFEST), note + start, segment->p_filesz - start);
    return true;
}

static void load_guest(void)
{
    enum { SEGMENTS = 64 };
    Elf64_Ehdr header;
    Elf64_Phdr segments[SEGMENTS];
    int file = (int)must(open(options.guest, O_RDONLY | O_CLOEXEC), options.guest);
    read_at(file, &header, sizeof header, 0);
    if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_phnum > SEGMENTS) fail("%s: not a guest", options.guest);
    read_at(file, segments, header.e_phnum * sizeof *segments, header.e_phoff);
    bool has_manifest = false;
    guest.entry = header.e_entry;
    guest.image_end = 0;
    for (int i = 0; i < header.e_phnum; i++) {
        const Elf64_Phdr *segment = &segments[i];
        u64 end = (segment->p_vaddr + segment->p_memsz + PAGE - 1) & ~(PAGE - 1);
        if (segment->p_type == PT_NOTE && take_manifest(file, segment)) has_manifest = true;
        if (segment->p_type != PT_LOAD || segment->p_memsz == 0) continue;
        if (segment->p_vaddr < IMAGE || end > options.memory) fail("%s: does not fit in memory", options.guest);
        read_at(file, at(segment->p_vaddr), segment->p_filesz, segment->p_offset);
        if (end > guest.image_end) guest.image_end = end;
    }
    close(file);
    map_memory();
    for (int i = 0; options.ring == 3 && i < header.e_phnum; i++)
        if (segments[i].p_type == PT_LOAD) map_segment(&segments[i]);
    u64 tsc_hz = (u64)must(ioctl(machine.vcpu, KVM_GET_TSC_KHZ, 0), "KVM_GET_TSC_KHZ") * 1000;
    *(struct boot_info *)at(BOOT_INFO) = (struct boot_info){
        .memory = options.memory, .image_end = guest.image_end, .tsc_hz = tsc_hz, .command_line = COMMAND_LINE,
        .manifest = has_manifest ? MANIFEST : 0,
    };
    strcpy(at(COMMAND_LINE), options.arguments);
}

/* push $0 where the processor pushes no error code; out %eax, $port; add $8, %rsp; iretq. */
static void write_stub(unsigned vector)
{
    u8 *code = at(STUBS + vector * STUB);
    if (!has_error_code(vector)) *code++ = 0x6a, *code++ = 0;
    *code++ = 0xe7, *code++ = (u8)(TRAP_PORT + vector);
    memcpy(code, "\x48\x83\xc4\x08\x48\xcf", 6);
}

static void write_gate(unsigned vector)
{
    u64 stub = STUBS + vector * STUB, selector = 0x18, interrupt_gate = 0x8e;
    *(u64 *)at(GATES + vector * 16) = (stub & 0xffff) | selector << 16 | interrupt_gate << 40 | (stub >> 16) << 48;
}

/* Segments 1 and 2 are the guest's own code and data, 3 and 4 those of the stubs, 5 and 6 the task. */
static void write_system_page(void)
{
    u64 *gdt = at(GDT), code = 0x00af9b000000ffff, data = 0x00cf93000000ffff, level = (u64)options.ring << 45;
    gdt[1] = code | level;
    gdt[2] = data | level;
    if (options.ring == 0) return;
    gdt[3] = code;
    gdt[4] = data;
    gdt[5] = 0x0000890000000000 | (TASK_STATE + PORT_BITS - 1) | (u64)TASK << 16;
    *(u64 *)at(TASK + 4) = STACK_END;
    *(u16 *)at(TASK + 102) = TASK_STATE;
    *(u8 *)at(TASK + TASK_STATE + PORT_BITS - 1) = 0xff;
    for (unsigned vector = 0; vector < VECTORS; vector++) write_stub(vector), write_gate(vector);
}

static struct kvm_segment segment_of(int index, int type, bool is_code)
{
    return (struct kvm_segment){
        .limit = UINT32_MAX, .selector = (u16)(index * 8 | options.ring), .type = (u8)type, .present = 1, .dpl = (u8)options.ring,
        .db = !is_code, .s = 1, .l = is_code, .g = 1,
    };
}

/* Asks a new vCPU for its registers and changes those that a guest's start needs: long mode with paging, SSE, no-execute pages. */
static void choose_registers(void)
{
    must(ioctl(machine.vcpu, KVM_GET_SREGS, &guest.sregs), "KVM_GET_SREGS");
    struct kvm_sregs *s = &guest.sregs;
    s->cr0 = 0x80010023;
    s->cr3 = PML4;
    s->cr4 = 0x620;
    s->efer = 0xd00;
    s->cs = segment_of(1, 11, true);
    s->ds = s->es = s->fs = s->gs = s->ss = segment_of(2, 3, false);
    s->gdt = (struct kvm_dtable){.base = GDT, .limit = 7 * 8 - 1};
    if (options.ring == 0) return;
    s->idt = (struct kvm_dtable){.base = GATES, .limit = VECTORS * 16 - 1};
    s->tr = (struct kvm_segment){.base = TASK, .limit = TASK_STATE + PORT_BITS - 1, .selector = 5 * 8, .type = 11, .present = 1};
}

void set_registers(void)
{
    struct kvm_regs regs = {.rip = guest.entry, .rsp = options.memory - 8, .rdi = BOOT_INFO, .rflags = 2};
    must(ioctl(machine.vcpu, KVM_SET_SREGS, &guest.sregs), "KVM_SET_SREGS");
    must(ioctl(machine.vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
}

void lay_out(void)
{
    load_guest();
    write_system_page();
    choose_registers();
}
