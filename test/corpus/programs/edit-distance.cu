//// features: dynamic programming by anti-diagonals, one launch a diagonal
//// sequential
int edit_distance(const char *a, int n, const char *b, int m) {
    vector<int> row(m + 1);
    for (int j = 0; j <= m; j++) row[j] = j;
    for (int i = 1; i <= n; i++) {
        int corner = row[0];
        row[0] = i;
        for (int j = 1; j <= m; j++) {
            int up = row[j];
            row[j] = min(min(up, row[j - 1]) + 1, corner + (a[i - 1] != b[j - 1]));
            corner = up;
        }
    }
    return row[m];
}
//// kernel
__global__ void diagonal(const char *a, int n, const char *b, int m, int *table, int d) {
    int i = blockIdx.x * blockDim.x + threadIdx.x, j = d - i;
    if (i > n || j < 0 || j > m) return;
    int *cell = &table[i * (m + 1) + j];
    if (i == 0) *cell = j;
    else if (j == 0) *cell = i;
    else *cell = min(min(cell[-1], cell[-(m + 1)]) + 1, cell[-(m + 2)] + (a[i - 1] == b[j - 1] ? 0 : 1));
}
//// wrapper
int edit_distance_cuda(const char *a, int n, const char *b, int m) {
    char *d_a, *d_b;
    int *table, result;
    cudaMalloc(&d_a, n);
    cudaMalloc(&d_b, m);
    cudaMalloc(&table, (n + 1) * (m + 1) * sizeof(int));
    cudaMemcpy(d_a, a, n, cudaMemcpyHostToDevice);
    cudaMemcpy(d_b, b, m, cudaMemcpyHostToDevice);
    for (int d = 0; d <= n + m; d++) diagonal<<<n / 16 + 1, 16>>>(d_a, n, d_b, m, table, d);
    cudaMemcpy(&result, &table[n * (m + 1) + m], sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_a);
    cudaFree(d_b);
    cudaFree(table);
    return result;
}
//// tests
char a[7] = "kitten", b[8] = "sitting";
wrapper(FUNCTION, a, 6, b, 7);
---
char a[24] = "translation of programs", b[20] = "transposed programs";
wrapper(FUNCTION, a, 23, b, 19);
