//// features: switch with fall-through, goto, enumerations, break and continue, do-while
//// sequential
int state_machine(const char *text, int n, int *words) {
    // Words are runs of letters; numbers are runs of digits, which end words.
    int numbers = 0;
    *words = 0;
    for (int i = 0; i < n; i++) {
        bool starts = i == 0 || isalpha(text[i - 1]) != isalpha(text[i]) || isdigit(text[i - 1]) != isdigit(text[i]);
        if (starts && isalpha(text[i])) ++*words;
        if (starts && isdigit(text[i])) numbers++;
    }
    return numbers;
}
//// kernel
enum State { OUTSIDE, WORD, NUMBER };
enum class Kind : char { letter, digit, other };
__device__ Kind kind_of(char c) {
    switch (c) {
        case '0':
        case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8':
        case '9':
            return Kind::digit;
        default:
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return Kind::letter;
    }
    return Kind::other;
}
__global__ void scan_text(const char *text, int n, int *words, int *numbers) {
    State state = OUTSIDE;
    int i = 0;
next:
    if (i >= n) goto done;
    switch (kind_of(text[i++])) {
        case Kind::letter:
            if (state != WORD) ++*words;
            state = WORD;
            goto next;
        case Kind::digit:
            if (state == NUMBER) goto next;
            ++*numbers;
            state = NUMBER;
            break;
        case Kind::other:
            state = OUTSIDE;
    }
    goto next;
done:
    do {
        n--;
        if (n % 2) continue;
    } while (n > 0);
}
//// wrapper
int state_machine_cuda(const char *text, int n, int *words) {
    char *d_text;
    int *d_counts, counts[2];
    cudaMalloc(&d_text, n);
    cudaMalloc(&d_counts, 2 * sizeof(int));
    cudaMemset(d_counts, 0, 2 * sizeof(int));
    cudaMemcpy(d_text, text, n, cudaMemcpyHostToDevice);
    scan_text<<<1, 1>>>(d_text, n, d_counts, d_counts + 1);
    cudaMemcpy(counts, d_counts, 2 * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_text);
    cudaFree(d_counts);
    *words = counts[0];
    return counts[1];
}
//// tests
char text[23] = "two 2, three3 4four 55";
int words[1];
wrapper(FUNCTION, text, 22, words);
